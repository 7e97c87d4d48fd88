"""When the circuit opens, and how it closes again."""

import random
from contextlib import suppress

import pytest

from services.gateway.limits.breaker import FIRST_OPEN_S, LONGEST_OPEN_S, MIN_CALLS, PROBES, WINDOW_S, Breaker
from services.gateway.triton_client import TritonCircuitOpen
from tests.services.gateway.harness import StandingClock


@pytest.fixture
def breaker(clock: StandingClock) -> Breaker:
    return Breaker(clock=clock)


def fail(breaker: Breaker, times: int = MIN_CALLS) -> None:
    for _ in range(times):
        breaker.call().failed()


def refused(breaker: Breaker) -> float:
    """For how long the caller is told to stay away."""
    with pytest.raises(TritonCircuitOpen) as refusal:
        breaker.call()
    return refusal.value.retry_after_s


def test_it_opens_when_triton_fails(breaker: Breaker) -> None:
    """Not before there were enough failures; then nobody waits for Triton, and everybody is told when to come back."""
    fail(breaker, MIN_CALLS - 1)
    assert breaker.state == "closed"
    fail(breaker, 1)
    assert (breaker.state, breaker.opened) == ("open", 1)
    assert refused(breaker) == FIRST_OPEN_S


def test_some_failures_among_many_answers_leave_it_closed(breaker: Breaker) -> None:
    """One of three pods that fails is no reason to ask none of them."""
    for _ in range(100):
        breaker.call().failed()
        breaker.call().succeeded()
        breaker.call().succeeded()
        if breaker.state == "open":
            break
    assert breaker.state == "closed"


def test_old_failures_are_forgotten(breaker: Breaker, clock: StandingClock) -> None:
    """They count within a window of some seconds."""
    fail(breaker, MIN_CALLS - 1)
    clock.seconds += WINDOW_S
    fail(breaker, 1)
    assert breaker.state == "closed"


def test_it_probes_with_one_call_at_a_time(breaker: Breaker, clock: StandingClock) -> None:
    """Half-open: one asks, and the others are refused until it is answered."""
    fail(breaker)
    clock.seconds += FIRST_OPEN_S
    assert breaker.state == "half-open"
    probe = breaker.call()
    assert refused(breaker) > 0
    probe.succeeded()
    breaker.call()


def test_answered_probes_close_it(breaker: Breaker, clock: StandingClock) -> None:
    """And what failed before is forgotten."""
    fail(breaker)
    clock.seconds += FIRST_OPEN_S
    for _ in range(PROBES):
        assert breaker.state == "half-open"
        breaker.call().succeeded()
    assert breaker.state == "closed"
    fail(breaker, MIN_CALLS - 1)
    assert breaker.state == "closed"


def test_a_failed_probe_opens_it_for_longer(breaker: Breaker, clock: StandingClock) -> None:
    """Twice as long each time, up to a limit; once closed it begins anew."""
    fail(breaker)
    times = []
    for _ in range(6):
        times.append(refused(breaker))
        clock.seconds += times[-1]
        breaker.call().failed()
    assert times == [1, 2, 4, 8, 8, 8]
    clock.seconds += LONGEST_OPEN_S
    for _ in range(PROBES):
        breaker.call().succeeded()
    fail(breaker)
    assert refused(breaker) == FIRST_OPEN_S


def test_a_probe_that_says_nothing_lets_another_one_go(breaker: Breaker, clock: StandingClock) -> None:
    """The caller hung up, or Triton took no fault but the request's."""
    fail(breaker)
    clock.seconds += FIRST_OPEN_S
    breaker.call().says_nothing()
    assert breaker.state == "half-open"
    breaker.call()


@pytest.mark.parametrize("failed", [True, False])
def test_calls_of_before_do_not_speak_of_now(breaker: Breaker, clock: StandingClock, failed: bool) -> None:
    """What was under way when it opened neither closes it nor opens it again, and frees no probe's place."""
    late = [breaker.call() for _ in range(30)]
    fail(breaker)
    clock.seconds += FIRST_OPEN_S
    breaker.call()
    for each in late:
        each.failed() if failed else each.succeeded()
    assert breaker.state == "half-open"
    refused(breaker)


def test_asking_changes_nothing(breaker: Breaker, clock: StandingClock) -> None:
    """`check` refuses as `call` would, and takes no probe's place."""
    breaker.check()
    fail(breaker)
    with pytest.raises(TritonCircuitOpen):
        breaker.check()
    clock.seconds += FIRST_OPEN_S
    breaker.check()
    breaker.call()
    with pytest.raises(TritonCircuitOpen):
        breaker.check()


@pytest.mark.parametrize("seed", range(10))
def test_it_only_takes_the_steps_that_there_are(clock: StandingClock, seed: int) -> None:
    """Whatever happens: closed → open → half-open → open or closed; never more than one probe; never open for ever."""
    breaker, chance = Breaker(clock=clock), random.Random(seed)
    steps = {("closed", "open"), ("open", "half-open"), ("half-open", "open"), ("half-open", "closed")}
    under_way, before = [], breaker.state
    for _ in range(5000):
        clock.seconds += chance.choice([0, 0, 0.01, 0.5])
        now = breaker.state
        assert now == before or (before, now) in steps
        before = now
        with suppress(TritonCircuitOpen):
            under_way.append(breaker.call())
        if under_way and chance.random() < 0.7:
            call = under_way.pop(chance.randrange(len(under_way)))
            chance.choice([call.failed, call.failed, call.succeeded, call.says_nothing])()
        assert breaker.state == before or (before, breaker.state) in steps
        before = breaker.state
    assert breaker.opened
    while breaker.state != "closed":
        clock.seconds += LONGEST_OPEN_S
        for each in under_way:
            each.says_nothing()
        breaker.call().succeeded()
