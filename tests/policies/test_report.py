"""The report: six outcomes kept apart, every row of the rule present, equal input gives equal bytes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies.controls import load_controls
from policies.report.__main__ import main
from policies.rules import RULES

SUBNET = "aws:ec2/subnet:Subnet"
RUN = {"kind": "run", "pack": "hipaa-security-rule", "version": "0.1.0", "date": "2026-01-31", "exemptions": []}
Line = dict[str, Any]
Write = Callable[..., list[str]]


def line(rule: str, outcome: str, name: str = "subnet", kind: str = SUBNET, **extra: Any) -> Line:
    """One line of a record."""
    return {
        "kind": "result",
        "rule": rule,
        "urn": f"urn:pulumi:dev::project::{kind}::{name}",
        "type": kind,
        "outcome": outcome,
        "message": f"why {outcome}",
        "severity": "high",
        "controls": [],
        **extra,
    }


def everything(outcome: str) -> list[Line]:
    """A record in which every rule comes to one outcome, for one resource each."""
    return [line(rule.name, outcome) for rule in RULES]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a record; returns the command line for its report in <tmp_path>/report."""

    def apply(lines: list[Line], *options: str, head: Line = RUN) -> list[str]:
        path = tmp_path / "results.jsonl"
        path.write_text("".join(json.dumps(item) + "\n" for item in [head, *lines]))
        return ["--results", str(path), "--stack", "dev", "--output", str(tmp_path / "report"), *options]

    return apply


def read(folder: Path) -> dict[str, Any]:
    """The JSON report."""
    document: dict[str, Any] = json.loads((folder / "report" / "report.json").read_text())
    return document


def states(folder: Path, part: str, key: str) -> dict[str, str]:
    """The state of every rule or control."""
    return {item[key]: item["state"] for item in read(folder)[part]}


@pytest.mark.parametrize(
    ("outcome", "options", "status"),
    [
        ("compliant", [], 0),
        ("compliant", ["--applied"], 0),
        ("violation", [], 1),
        ("violation", ["--applied"], 1),
        ("unknown", [], 0),
        ("unknown", ["--applied"], 1),
        ("waived", ["--applied"], 0),
        ("inherited", ["--applied"], 0),
        ("not applicable", ["--applied"], 0),
    ],
)
def test_exit_status(write: Write, outcome: str, options: list[str], status: int) -> None:
    """Violations always fail; unknown outcomes fail once the stack is applied."""
    assert main(write(everything(outcome), *options)) == status


@pytest.mark.parametrize("outcome", ["unknown", "violation", "waived", "inherited"])
def test_one_bad_outcome_outweighs_many_good_ones(write: Write, tmp_path: Path, outcome: str) -> None:
    """A rule or a control is not green while one resource is not."""
    main(write([*everything("compliant"), line("subnet-no-public-ip", outcome, name="other")]))
    assert states(tmp_path, "rules", "name")["subnet-no-public-ip"] == outcome
    assert states(tmp_path, "controls", "id")["164.312(a)(1)"] == outcome


@pytest.mark.parametrize(("outcome", "shown"), [("compliant", "good"), ("unknown", "open"), ("violation", "bad")])
def test_the_summary_is_green_only_without_unknowns(write: Write, tmp_path: Path, outcome: str, shown: str) -> None:
    """A preview that could not see everything does not look like a clean one."""
    main(write([*everything("compliant"), line("subnet-no-public-ip", outcome, name="other")]))
    html = (tmp_path / "report" / "report.html").read_text()
    assert f'class="verdict {shown}"' in html


def test_a_rule_without_a_subject_is_not_green(write: Write, tmp_path: Path) -> None:
    """Nothing was shown where there was nothing to look at."""
    main(write(everything("not applicable")))
    assert set(states(tmp_path, "rules", "name").values()) == {"no subject"}
    assert set(states(tmp_path, "controls", "id").values()) == {"no subject", "not decided by code"}


def test_a_rule_that_never_ran_is_unknown(write: Write, tmp_path: Path) -> None:
    """A run that broke off before the stack's relations were judged is not a clean one."""
    lines = [item for item in everything("compliant") if item["rule"] != "s3-bucket-versioned"]
    assert main(write(lines, "--applied")) == 1
    assert states(tmp_path, "rules", "name")["s3-bucket-versioned"] == "unknown"


def test_supporting_rules_alone_do_not_make_a_control_compliant(write: Write, tmp_path: Path) -> None:
    """Scans help against malicious software; they are not what the specification asks."""
    main(write(everything("compliant")))
    found = states(tmp_path, "controls", "id")
    assert found["164.308(a)(5)(ii)(B)"] == "supported"
    assert found["164.312(b)"] == "compliant"


def test_every_row_of_the_security_rule_is_in_both_formats(write: Write, tmp_path: Path) -> None:
    """Rows that code cannot decide are said, with the reason."""
    main(write(everything("compliant")))
    html = (tmp_path / "report" / "report.html").read_text()
    rows = {item["id"]: item for item in read(tmp_path)["controls"]}
    for control in load_controls():
        assert f'<td class="id">{control.id}</td>' in html
        assert rows[control.id]["reason"] == control.reason
    assert rows["164.308(a)(2)"]["state"] == "not decided by code"


def test_the_order_of_the_record_does_not_matter(write: Write, tmp_path: Path) -> None:
    """Equal results give equal bytes; a later line for the same rule and resource replaces the earlier one."""
    main(write(everything("compliant")))
    first = {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()}
    main(write([*everything("unknown"), *reversed(everything("compliant"))]))
    assert {path.name: path.read_bytes() for path in (tmp_path / "report").iterdir()} == first
    assert set(first) == {"report.html", "report.json"}


def test_waivers_are_shown_with_reason_owner_and_date(write: Write, tmp_path: Path) -> None:
    """A waived violation is never hidden, and an exemption that waives nothing is named."""
    used = {
        "rule": "subnet-no-public-ip",
        "resource": f"{SUBNET}::subnet",
        "reason": "Bastion <b>",
        "owner": "sec",
        "expires": "2030-01-31",
    }
    unused = used | {"resource": f"{SUBNET}::gone"}
    waived = line("subnet-no-public-ip", "waived", waiver={key: used[key] for key in ("reason", "owner", "expires")})
    lines = [item for item in everything("compliant") if item["rule"] != "subnet-no-public-ip"]
    main(write([*lines, waived], head=RUN | {"exemptions": [used, unused]}))
    html = (tmp_path / "report" / "report.html").read_text()
    assert "Waived until 2030-01-31 by sec: Bastion &lt;b&gt;" in html
    assert read(tmp_path)["unused_exemptions"] == [unused]


def test_an_exemption_of_another_stacks_resource_is_not_called_stale(write: Write, tmp_path: Path) -> None:
    """One file serves all stacks; only what this stack has and does not violate is to be removed."""
    accepted = {"rule": "subnet-no-public-ip", "reason": "Accepted.", "owner": "sec", "expires": "2030-01-31"}
    held = [accepted | {"resource": f"{SUBNET}::{name}"} for name in ("subnet", "elsewhere")]
    main(write(everything("compliant"), head=RUN | {"exemptions": held}))
    html = (tmp_path / "report" / "report.html").read_text()
    assert html.count("no: remove it, or it has expired") == 1
    assert html.count("no: this stack has no such resource") == 1


def test_what_is_inherited_has_its_own_section_and_is_no_evidence(write: Write, tmp_path: Path) -> None:
    """Who runs a service and who answers for it is shown with the rules that missed it; their rows are not green."""
    declared = {"service": "cloudtrail", "by": "the <trail> of the organization", "answers": "sec@hospital.example"}
    rules = ["cloudtrail-enabled-and-protected", "s3-bucket-data-events-recorded"]
    lines = [item for item in everything("compliant") if item["rule"] not in rules]
    main(write([*lines, *(line(rule, "inherited", inherited=declared) for rule in rules)], "--applied"))
    report = read(tmp_path)
    assert report["passed"]
    assert report["inherited"] == [declared | {"rules": rules}]
    assert report["summary"]["rules"]["inherited"] == len(rules)
    assert states(tmp_path, "controls", "id")["164.312(b)"] == "inherited"
    html = (tmp_path / "report" / "report.html").read_text()
    assert re.search(r'id">164\.312\(b\)</td>.*Inherited in part</span>', html)
    section = html.partition('<section id="inherited">')[2]
    row = section.partition("</section>")[0]
    assert "the &lt;trail&gt; of the organization</td><td>sec@hospital.example" in row
    assert all(f'href="#rule-{rule}"' in row for rule in rules)


def test_a_stack_that_inherits_nothing_has_no_such_section(write: Write, tmp_path: Path) -> None:
    """An empty table would ask what is meant."""
    main(write(everything("compliant")))
    assert 'id="inherited"' not in (tmp_path / "report" / "report.html").read_text()
    assert read(tmp_path)["inherited"] == []


def test_the_page_is_self_contained(write: Write, tmp_path: Path) -> None:
    """No script, and nothing loaded from anywhere."""
    main(write(everything("violation")))
    html = (tmp_path / "report" / "report.html").read_text()
    assert "<script" not in html
    assert not re.search(r"<(link|img|iframe)\b|\bsrc=|url\(|@import", html)
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert targets <= set(re.findall(r'id="([^"]+)"', html))


@pytest.mark.parametrize(("options", "emulated"), [([], False), (["--emulated-aws"], True)])
def test_an_emulated_cloud_is_said(write: Write, tmp_path: Path, options: list[str], emulated: bool) -> None:
    """Nobody takes a report on an emulator for one on an account."""
    main(write(everything("compliant"), *options))
    assert ("AWS was emulated" in (tmp_path / "report" / "report.html").read_text()) == emulated
    assert read(tmp_path)["emulated_aws"] == emulated


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_text("{"), "cannot be read"),
        (lambda path: path.write_text(""), "is not a record"),
        (lambda path: path.write_text(json.dumps(RUN) + "\n"), "records no result"),
        (lambda path: path.write_text('{"a": 1}\n{"b": 2}\n'), "is not a record"),
        (
            lambda path: path.write_text(path.read_text().replace("urn:pulumi:dev", "urn:pulumi:prod")),
            "about stack prod",
        ),
        (lambda path: path.write_text(path.read_text().replace("subnet-no-public-ip", "subnet-gone")), "subnet-gone"),
        (lambda path: path.write_text(path.read_text().replace('"compliant"', '"fine"')), "is not a record"),
    ],
)
def test_unusable_results_are_refused_in_one_sentence(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str], damage: Callable[[Path], None], said: str
) -> None:
    """Exit status 2, one sentence, and no report."""
    arguments = write(everything("compliant"))
    damage(tmp_path / "results.jsonl")
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not (tmp_path / "report").exists()


def test_a_report_folder_that_cannot_be_written_is_refused(
    write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 and one sentence."""
    (tmp_path / "report").write_text("in the way")
    assert main(write(everything("compliant"))) == 2
    assert "cannot be written" in capsys.readouterr().err
