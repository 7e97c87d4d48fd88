"""The command: its exit status, its summary and its report, over a state that is there already."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from policies.checkov.__main__ import main
from tests.policies.checkov.answers import FakeCheckov, Finding
from tests.policies.checkov.stacks import entry, export

LABEL = "aws:s3/bucket:Bucket::models"
LOGGING: Finding = ("failed", "CKV_AWS_18", "aws_s3_bucket.models")
VERSIONED: Finding = ("passed", "CKV_AWS_21", "aws_s3_bucket.models")
ACCEPTED = {
    "check": "CKV_AWS_18",
    "resource": LABEL,
    "stack": "d*",
    "reason": "It would log itself.",
    "instead": "CloudTrail.",
    "owner": "platform@hospital.example",
    "review": "2999-01-31",
}


class Command:
    """`python -m policies.checkov` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "state.json").write_text(export(entry("aws:s3/bucket:Bucket", "models", {})))

    def run(self, findings: Sequence[Finding], *accepted: dict[str, str]) -> int:
        """The exit status, where Checkov finds `findings`."""
        fields = [[f"{key}: {value}" for key, value in each.items()] for each in accepted]
        text = "".join("- " + "\n  ".join(lines) + "\n" for lines in fields)
        (self.folder / "accepted.yaml").write_text(text or "[]")
        return main(
            ["--stack", "dev", "--state", str(self.folder / "state.json"), "--output", str(self.folder / "report")],
            checkov=FakeCheckov(findings),
            accepted_file=self.folder / "accepted.yaml",
        )

    def report(self) -> dict[str, Any]:
        """What was written."""
        document: dict[str, Any] = json.loads((self.folder / "report" / "checkov.json").read_text())
        return document


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """A stack of one bucket."""
    return Command(tmp_path)


def test_a_finding_that_nobody_accepted_fails(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """It is named with its resource, and what passed is counted."""
    assert command.run([LOGGING, VERSIONED]) == 1
    printed = capsys.readouterr().out
    assert f"open      CKV_AWS_18   {LABEL}: Ensure CKV_AWS_18\n" in printed
    assert "2 checks over 1 resources: 1 passed, 0 accepted, 1 open" in printed
    assert command.report()["summary"] == {"passed": 1, "accepted": 0, "open": 1, "unused": 0}
    assert command.report()["clean"] is False


def test_an_accepted_finding_passes_and_is_shown(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """With its reason, its owner and what covers it instead."""
    assert command.run([LOGGING, VERSIONED], ACCEPTED) == 0
    assert f"accepted  CKV_AWS_18   {LABEL}" in capsys.readouterr().out
    (shown,) = command.report()["accepted"]
    assert shown["entry"] == ACCEPTED
    assert command.report()["clean"] is True


def test_an_entry_that_no_finding_needs_fails(command: Command, capsys: pytest.CaptureFixture[str]) -> None:
    """It would hide the next one of its kind."""
    assert command.run([VERSIONED], ACCEPTED) == 1
    assert f"not needed: accepted.yaml has CKV_AWS_18 for {LABEL}" in capsys.readouterr().out
    assert command.report()["unused"] == [ACCEPTED]


def test_an_entry_for_another_stack_neither_accepts_nor_is_missed(command: Command) -> None:
    """The same file serves every stack."""
    elsewhere = ACCEPTED | {"stack": "prod"}
    assert command.run([VERSIONED], elsewhere) == 0
    assert command.run([LOGGING], elsewhere) == 1


def test_an_entry_whose_review_is_due_accepts_nothing(command: Command) -> None:
    """The finding is open again; the entry is still needed, so that it is decided about and not just dropped."""
    assert command.run([LOGGING], ACCEPTED | {"review": "2020-01-31"}) == 1
    assert command.report()["summary"] == {"passed": 0, "accepted": 0, "open": 1, "unused": 0}


def test_one_entry_that_still_holds_is_enough(command: Command) -> None:
    """Of two that fit a finding, the one that is overdue does not undo the other."""
    wide = ACCEPTED | {"resource": "aws:s3/bucket:Bucket::*", "review": "2020-01-31"}
    assert command.run([LOGGING], wide, ACCEPTED) == 0
    assert command.run([LOGGING], ACCEPTED, wide) == 0


def test_equal_answers_give_equal_reports(command: Command) -> None:
    """The order in which Checkov says things does not matter."""
    command.run([LOGGING, VERSIONED])
    first = (command.folder / "report" / "checkov.json").read_bytes()
    command.run([VERSIONED, LOGGING])
    assert (command.folder / "report" / "checkov.json").read_bytes() == first


def test_a_state_that_cannot_be_used_is_refused_in_one_sentence(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2 and no report."""
    (command.folder / "state.json").write_text("{}")
    assert command.run([]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    (command.folder / "state.json").unlink()
    assert command.run([]) == 2
    assert not (command.folder / "report").exists()
