"""`python -m policies.report`: exit statuses, every file or none, equal input gives equal bytes."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies.report.__main__ import main
from policies.report.formats import FORMATS
from policies.rules import RULES

SUBNET = "aws:ec2/subnet:Subnet"
HEAD: dict[str, Any] = {
    "kind": "run",
    "pack": "hipaa-security-rule",
    "version": "1.0.0",
    "date": "2026-01-31",
    "mode": "up",
    "stack": "dev",
    "waivers": [],
    "enforcement": {},
}
Line = dict[str, Any]
Write = Callable[..., list[str]]


def line(rule: str, outcome: str, name: str = "private-a", **more: Any) -> Line:
    """One line of a record."""
    return {
        "kind": "result",
        "rule": rule,
        "urn": f"urn:pulumi:dev::project::{SUBNET}::{name}",
        "type": SUBNET,
        "outcome": outcome,
        "message": f"why {outcome}",
        "values": [{"path": "mapPublicIpOnLaunch", "value": "false"}],
        "severity": "high",
        "controls": [],
        **more,
    }


def everything(outcome: str) -> list[Line]:
    """A record in which every rule comes to one outcome, for one resource each."""
    return [line(rule.name, outcome) for rule in RULES]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a record; returns the command line for its report in <tmp_path>/report."""

    def apply(lines: list[Line], *options: str, **head: Any) -> list[str]:
        path = tmp_path / "results.jsonl"
        path.write_text("".join(json.dumps(item) + "\n" for item in [HEAD | head, *lines]))
        return ["--results", str(path), "--stack", "dev", "--output", str(tmp_path / "report"), *options]

    return apply


def files(folder: Path) -> dict[str, bytes]:
    """What a report's folder has."""
    return {path.name: path.read_bytes() for path in (folder / "report").iterdir()}


@pytest.mark.parametrize(
    ("outcome", "mode", "options", "status"),
    [
        ("compliant", "preview", [], 0),
        ("compliant", "up", [], 0),
        ("violation", "preview", [], 1),
        ("violation", "up", [], 1),
        ("unknown", "preview", [], 0),
        ("unknown", "up", [], 1),
        ("unknown", "state", [], 1),
        ("unknown", "unknown", [], 0),
        ("unknown", "unknown", ["--applied"], 1),
        ("inherited", "up", [], 0),
        ("not applicable", "up", [], 0),
    ],
)
def test_exit_status(write: Write, outcome: str, mode: str, options: list[str], status: int) -> None:
    """Violations always fail; unknown outcomes fail once the stack is applied."""
    assert main(write(everything(outcome), *options, mode=mode)) == status


def test_all_formats_are_written_and_nothing_else(write: Write, tmp_path: Path) -> None:
    """Other files of the folder stay, and no temporary one does."""
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "checkov.json").write_text("{}")
    main(write(everything("compliant")))
    assert set(files(tmp_path)) == {*FORMATS, "checkov.json"}


def test_the_order_of_the_record_does_not_matter(write: Write, tmp_path: Path) -> None:
    """Equal results give equal bytes; a later line for the same rule and resource replaces the earlier one."""
    main(write(everything("compliant")))
    first = files(tmp_path)
    main(write([*everything("unknown"), *reversed(everything("compliant"))]))
    assert files(tmp_path) == first


def test_the_summary_is_printed(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    """Each violation with its resource, and the counts."""
    rule = RULES[0].name
    main(write([*everything("compliant"), line(rule, "violation", "public-a")]))
    said = capsys.readouterr().out
    assert f"violation {rule}  {SUBNET}::public-a: why violation" in said
    assert f"1 of {len(RULES)} rules is violated." in said


def test_a_signature_counts_where_its_file_is_named(write: Write, tmp_path: Path) -> None:
    """Attestations come from the file of the command line; an expired one fails."""
    path = tmp_path / "attestations.yaml"
    entry = {"control": "164.308(a)(2)", "statement": "Named.", "document": "HR-1", "by": "Robin", "role": "CEO"}
    path.write_text(json.dumps([entry]).replace("}]", ', "signed": 2025-03-01, "expires": 2026-02-01}]'))
    assert main(write(everything("compliant"), "--attestations", str(path))) == 0
    rows = {item["id"]: item["state"] for item in json.loads(files(tmp_path)["report.json"])["controls"]}
    assert rows["164.308(a)(2)"] == "attested"
    assert main(write(everything("compliant"), "--attestations", str(path), date="2026-02-01")) == 1


@pytest.mark.parametrize(("options", "emulated"), [([], False), (["--emulated-aws"], True)])
def test_an_emulated_cloud_is_said(write: Write, tmp_path: Path, options: list[str], emulated: bool) -> None:
    """Nobody takes a report on an emulator for one on an account."""
    main(write(everything("compliant"), *options))
    found = files(tmp_path)
    assert json.loads(found["report.json"])["emulated_aws"] == emulated
    assert (b"AWS was emulated.</strong>" in found["report.html"]) == emulated
    assert (b"**AWS was emulated.**" in found["report.md"]) == emulated


def test_the_proposed_rule_is_said_not_to_be_law(write: Write, tmp_path: Path) -> None:
    """In every format that people read, and with the rows that it adds."""
    main(write(everything("compliant"), "--profile", "nprm-2025"))
    found = files(tmp_path)
    assert b"Not the law." in found["report.html"]
    assert b"Not the law." in found["report.md"]
    added = [item for item in json.loads(found["report.json"])["controls"] if item["id"].startswith("nprm-")]
    assert any(item["evidence"] for item in added)


def _replace(old: str, new: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(path.read_text().replace(old, new))


@pytest.mark.parametrize(
    ("damage", "options", "said"),
    [
        (lambda path: path.unlink(), [], "cannot be read"),
        (lambda path: path.write_text("{"), [], "cannot be read"),
        (lambda path: path.write_text(""), [], "is not a record"),
        (lambda path: path.write_text(json.dumps(HEAD) + "\n"), [], "records no result"),
        (lambda path: path.write_text('{"a": 1}\n{"b": 2}\n'), [], "is not a record"),
        (_replace("urn:pulumi:dev", "urn:pulumi:prod"), [], "about stack prod"),
        (_replace(RULES[0].name, "rule-that-is-gone"), [], "rule-that-is-gone"),
        (_replace('"compliant"', '"fine"'), [], "is not a record"),
        (_replace('"2026-01-31"', '"yesterday"'), [], "is not a record"),
        (_replace('"mode": "up"', '"mode": "preview"'), ["--applied"], "leave --applied out"),
        (lambda path: None, ["--profile", "rule-of-thumb"], "no profile named"),
        (lambda path: None, ["--attestations", "/nowhere/attestations.yaml"], "cannot be read"),
    ],
)
def test_unusable_input_is_refused_in_one_sentence(
    write: Write,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], object],
    options: list[str],
    said: str,
) -> None:
    """Exit status 2, one sentence, and no report."""
    arguments = write(everything("compliant"), *options)
    damage(tmp_path / "results.jsonl")
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "report").exists()


def test_a_file_in_the_way_of_the_folder_is_refused(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 and one sentence."""
    (tmp_path / "report").write_text("in the way")
    assert main(write(everything("compliant"))) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_where_one_file_cannot_be_written_none_is(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report that was there before stays whole."""
    main(write(everything("compliant")))
    (tmp_path / "report" / "report.sarif").unlink()
    (tmp_path / "report" / "report.sarif").mkdir()
    before = sorted((tmp_path / "report" / name).stat().st_mtime_ns for name in os.listdir(tmp_path / "report"))
    assert main(write(everything("violation"))) == 2
    assert "report.sarif is a folder" in capsys.readouterr().err
    assert sorted((tmp_path / "report" / name).stat().st_mtime_ns for name in os.listdir(tmp_path / "report")) == before
