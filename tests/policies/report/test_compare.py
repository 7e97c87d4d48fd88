"""Drift between two reports."""

import json
from pathlib import Path
from typing import Any

import pytest

from policies.outcomes import Outcome
from policies.record import Mode
from policies.report.compare import main
from policies.report.formats.json_document import document
from policies.report.model import Report
from tests.policies.report.samples import ALL_SIGNED, PART, RULES, everything, report, result, rule, signed

GOOD = report(everything(Outcome.COMPLIANT), ALL_SIGNED)
OTHER = result("closed", Outcome.COMPLIANT, "other")
WITH_TUNNEL = (*RULES, rule("tunnelled", direct="312(b)", optional=True))
TUNNEL = [*everything(Outcome.COMPLIANT), result("tunnelled", Outcome.COMPLIANT)]
BROKEN = [*everything(Outcome.COMPLIANT), result("tunnelled", Outcome.VIOLATION)]
WITHOUT: dict[str, Any] = {"rules": WITH_TUNNEL, "not_applicable": {"tunnelled": {"aws:s3/bucket:Bucket": 1}}}
URN = "urn:pulumi:dev::project::aws:ec2/subnet:Subnet::"


def compare(folder: Path, old: Any, new: Any) -> int:
    """The exit status for two documents."""
    for name, content in (("old", old), ("new", new)):
        (folder / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return main([str(folder / "old"), str(folder / "new")])


@pytest.mark.parametrize(
    ("old", "new", "status", "said"),
    [
        (GOOD, GOOD, 0, "0 worse, 0 better, 0 new, 0 gone"),
        (GOOD, report([*everything(Outcome.COMPLIANT), OTHER], ALL_SIGNED), 0, f"new    closed on {URN}other"),
        (report([*everything(Outcome.COMPLIANT), OTHER], ALL_SIGNED), GOOD, 0, f"gone   closed on {URN}other"),
        (GOOD, report(everything(Outcome.WAIVED), ALL_SIGNED), 1, "worse  164.312(b): compliant -> waived"),
        (report(everything(Outcome.WAIVED), ALL_SIGNED), GOOD, 0, "better 164.312(b): waived -> compliant"),
        (
            GOOD,
            report([*everything(Outcome.COMPLIANT), result("closed", Outcome.VIOLATION, "odd")], ALL_SIGNED),
            1,
            f"worse  closed on {URN}odd: not there -> violation",
        ),
        (
            GOOD,
            report(everything(Outcome.COMPLIANT), [signed(PART, expires=signed(PART).signed)]),
            1,
            "worse  164.312(b): compliant -> attestation expired",
        ),
        (
            GOOD,
            report(everything(Outcome.COMPLIANT), ALL_SIGNED, enforcement={"closed": "advisory"}),
            1,
            "worse  closed: compliant -> advisory",
        ),
        (
            GOOD,
            report(everything(Outcome.COMPLIANT)[:2], ALL_SIGNED, rules=RULES[:2]),
            1,
            "worse  scanned: compliant -> not there",
        ),
        (
            report(everything(Outcome.COMPLIANT)[:2], ALL_SIGNED, rules=RULES[:2]),
            GOOD,
            0,
            "new    scanned: not there -> compliant",
        ),
        (
            report(TUNNEL, ALL_SIGNED, rules=WITH_TUNNEL),
            report(everything(Outcome.COMPLIANT), ALL_SIGNED, **WITHOUT),
            0,
            "gone   tunnelled: compliant -> not applicable",
        ),
        (
            report(everything(Outcome.COMPLIANT), ALL_SIGNED, **WITHOUT),
            report(BROKEN, ALL_SIGNED, rules=WITH_TUNNEL),
            1,
            "worse  tunnelled: not applicable -> violation",
        ),
    ],
    ids=[
        "same",
        "new",
        "gone",
        "waived",
        "mended",
        "new violation",
        "expired",
        "advisory",
        "rule gone",
        "rule new",
        "not needed",
        "needed",
    ],
)
def test_drift(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: Report, new: Report, status: int, said: str
) -> None:
    """What became worse makes the exit status 1; what is better, new and compliant, or gone does not."""
    assert compare(tmp_path, document(old), document(new)) == status
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "is not a report.json"),
        ({"schema": 1}, "is not a report.json"),
        ({"schema": 3, "stack": "dev"}, "lacks what its schema promises"),
        (document(GOOD) | {"stack": "prod"}, "differ in stack"),
        (document(report([], mode=Mode.PREVIEW)), "differ in applied"),
        (document(GOOD) | {"controls": [{"id": "164.312(b)", "state": "fine"}]}, "lacks what its schema promises"),
    ],
)
def test_unusable_reports_are_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], new: Any, said: str
) -> None:
    """Exit status 2, and nothing is compared."""
    assert compare(tmp_path, document(GOOD), new) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert (captured.err.count("\n"), captured.out) == (1, "")


def test_a_report_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2."""
    assert main([str(tmp_path / "old"), str(tmp_path / "new")]) == 2
    assert "cannot be read" in capsys.readouterr().err
