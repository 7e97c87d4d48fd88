"""How the limit towards Triton follows what Triton does."""

import pytest

from services.gateway.limits.aimd import LEAST, MOST, START, AdaptiveLimit
from tests.services.gateway.harness import StandingClock


@pytest.fixture
def limit(clock: StandingClock) -> AdaptiveLimit:
    return AdaptiveLimit(clock=clock, slow_s=1.0)


def answer(limit: AdaptiveLimit, clock: StandingClock, *, after_s: float, texts: int = 1, used: float = MOST) -> None:
    began = clock.seconds
    clock.seconds += after_s
    limit.answered(texts, began=began, used=used)


def test_it_grows_while_it_is_used_up(limit: AdaptiveLimit, clock: StandingClock) -> None:
    """By a few texts each time all of it was answered, up to a maximum."""
    for _ in range(START):
        answer(limit, clock, after_s=0.01)
    assert START + 7 < limit.texts <= START + 8
    for _ in range(40_000):
        answer(limit, clock, after_s=0.01, texts=32)
    assert limit.texts == MOST


def test_it_does_not_grow_unused(limit: AdaptiveLimit, clock: StandingClock) -> None:
    """Light load says nothing of what Triton could bear."""
    for _ in range(1000):
        answer(limit, clock, after_s=0.01, used=START / 4)
    assert limit.texts == START


def test_slow_answers_shrink_it(limit: AdaptiveLimit, clock: StandingClock) -> None:
    """Down to one full request, however long it lasts."""
    answer(limit, clock, after_s=1.5)
    assert limit.texts == pytest.approx(0.7 * START)
    for _ in range(50):
        answer(limit, clock, after_s=1.5)
    assert limit.texts == LEAST


def test_missing_answers_shrink_it(limit: AdaptiveLimit, clock: StandingClock) -> None:
    """A full queue refuses at once, which is no slow answer."""
    limit.missed(began=clock.seconds)
    assert limit.texts == pytest.approx(0.7 * START)


def test_calls_of_the_same_time_shrink_it_once(limit: AdaptiveLimit, clock: StandingClock) -> None:
    """A hundred slow answers to calls that were under way together are one sign."""
    began = clock.seconds
    clock.seconds += 2
    for _ in range(100):
        limit.answered(1, began=began, used=START)
    assert limit.texts == pytest.approx(0.7 * START)
