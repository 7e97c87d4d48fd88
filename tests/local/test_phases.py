"""Phases run side by side, in the order that they need, and stop at the first failure."""

import threading

import pytest

from local.errors import LocalError
from local.phases import Phase, run


def test_a_phase_starts_after_those_it_needs() -> None:
    """The order of `after` is kept, whatever the order in which phases are given."""
    order: list[str] = []
    run(
        [
            Phase(name="deploy", run=lambda say: order.append("deploy"), after=("build", "start")),
            Phase(name="start", run=lambda say: order.append("start"), after=("build",)),
            Phase(name="build", run=lambda say: order.append("build")),
        ]
    )
    assert order == ["build", "start", "deploy"]


def test_independent_phases_run_at_the_same_time() -> None:
    """Each of the two waits for the other: one after the other they would never end."""
    barrier = threading.Barrier(2, timeout=20)
    took = run([Phase(name=name, run=lambda say: (barrier.wait(), None)[1]) for name in ("left", "right")])
    assert set(took) == {"left", "right"}


def test_a_failure_is_raised_and_nothing_starts_after_it() -> None:
    """What depends on the failed phase never runs, and the error is the one that it raised."""
    ran: list[str] = []

    def fail(say: object) -> None:
        raise LocalError("The registry does not answer.")

    with pytest.raises(LocalError, match="The registry does not answer"):
        run([Phase(name="pull", run=fail), Phase(name="deploy", run=lambda say: ran.append("deploy"), after=("pull",))])
    assert ran == []


def test_progress_is_printed_with_the_name_of_its_phase(capsys: pytest.CaptureFixture[str]) -> None:
    """A line holds the time, the phase and the text."""
    run([Phase(name="build", run=lambda say: say("half way"))])
    assert any("build" in line and line.endswith("half way") for line in capsys.readouterr().out.splitlines())
