"""`python -m local policy-report`: which record a report is written from."""

import os
from pathlib import Path

import pytest

from local import preview, report
from local.errors import LocalError
from local.stack import POLICY_RESULTS
from policies.checkov import emulated


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """Each program that was started, with its arguments; what was seen before is below tmp_path."""
    found: list[tuple[str, list[str]]] = []
    monkeypatch.setattr(preview, "BUILD", tmp_path / "preview")
    monkeypatch.setattr(emulated, "BUILD", tmp_path / "checkov")
    monkeypatch.setattr(report, "STATE", tmp_path / "state")

    def program(name: str, status: int = 0) -> None:
        def run(arguments: list[str]) -> int:
            found.append((name, arguments))
            return status

        monkeypatch.setattr(report, name, run)

    program("analyze")
    program("write_report")
    return found


def seen(path: Path, at: int) -> None:
    """Something was recorded there, at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    os.utime(path, (at, at))


def test_a_stack_of_which_nothing_was_seen_is_refused(calls: list[tuple[str, list[str]]]) -> None:
    """The sentence says what to run."""
    for stack, command in (("local", "make up"), ("prod", "make preview STACK=prod")):
        with pytest.raises(LocalError, match=command):
            report.write(stack)
    assert calls == []


def test_the_local_stack_is_reported_as_applied(calls: list[tuple[str, list[str]]], tmp_path: Path) -> None:
    """Its record is that of `make up`."""
    seen(tmp_path / "state" / POLICY_RESULTS, 1)
    assert report.write("local") == 0
    ((name, arguments),) = calls
    assert (name, "--applied" in arguments) == ("write_report", True)


def test_the_last_preview_is_reported_as_such(calls: list[tuple[str, list[str]]], tmp_path: Path) -> None:
    """It is newer than the emulated apply, and it is not called applied; AWS was emulated unless an account was asked."""
    seen(emulated.kept_state("prod"), 1)
    seen(preview.results("prod"), 2)
    report.write("prod")
    (tmp_path / "preview" / "prod" / "with-account").touch()
    report.write("prod")
    assert [name for name, _ in calls] == ["write_report", "write_report"]
    assert ["--applied" in arguments for _, arguments in calls] == [False, False]
    assert ["--emulated-aws" in arguments for _, arguments in calls] == [True, False]


def test_a_newer_emulated_apply_is_judged_and_reported(calls: list[tuple[str, list[str]]]) -> None:
    """The pack judges its state first, and the report is of what that recorded."""
    seen(preview.results("prod"), 1)
    seen(emulated.kept_state("prod"), 2)
    assert report.write("prod") == 0
    (first, judged), (second, written) = calls
    assert (first, second) == ("analyze", "write_report")
    assert judged[judged.index("--results") + 1] == written[written.index("--results") + 1]
    assert {"--applied", "--emulated-aws"} <= set(written)


def test_a_state_that_cannot_be_judged_is_not_reported(
    calls: list[tuple[str, list[str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its exit status is the report's."""
    seen(emulated.kept_state("prod"), 1)
    monkeypatch.setattr(report, "analyze", lambda _: 2)
    assert report.write("prod") == 2
    assert calls == []
