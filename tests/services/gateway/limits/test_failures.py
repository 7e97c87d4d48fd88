"""The bound on work for callers whom nobody knows."""

import pytest

from services.gateway.limits.failures import FailedAuthentications
from services.http.problems import ProblemError
from tests.services.gateway.harness import StandingClock


def test_too_many_failures_close_the_door_for_a_while(clock: StandingClock) -> None:
    """Once they are spent nobody new is looked at, with 429 and Retry-After, until time has passed."""
    failures = FailedAuthentications(clock=clock, per_s=2, capacity=10)
    for _ in range(10):
        failures.check()
        failures.failed()
    with pytest.raises(ProblemError) as refusal:
        failures.check()
    assert (refusal.value.problem.status, refusal.value.problem.name) == (429, "too_many_failures")
    assert int(refusal.value.problem.headers["Retry-After"]) > 0
    assert failures.refused == 1
    clock.seconds += 1
    failures.check()


def test_success_costs_nothing(clock: StandingClock) -> None:
    """Any number of new callers may come in."""
    failures = FailedAuthentications(clock=clock, per_s=2, capacity=10)
    for _ in range(1000):
        failures.check()
