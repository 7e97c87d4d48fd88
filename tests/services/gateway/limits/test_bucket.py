"""What a token bucket gives, and when."""

import math
import random

import pytest

from services.gateway.limits.bucket import Bucket

RATE = {"capacity": 20.0, "per_s": 2.0}


def test_it_begins_full_and_refills() -> None:
    """All of its capacity at once, then as much as time brings, and never more than its capacity."""
    bucket = Bucket()
    assert bucket.take(20, 5.0, **RATE) == 0
    assert bucket.take(1, 5.0, **RATE) == 0.5
    assert bucket.take(1, 5.5, **RATE) == 0
    assert bucket.level(10_000.0, **RATE) == 20


def test_what_it_refuses_costs_nothing() -> None:
    """A refusal takes no token, and says after how long the same question is granted."""
    bucket = Bucket()
    bucket.take(15, 0.0, **RATE)
    wait_s = bucket.take(8, 0.0, **RATE)
    assert wait_s == 1.5
    assert bucket.take(8, wait_s, **RATE) == 0


def test_more_than_it_holds_never_comes() -> None:
    """Nobody is told to wait for what will not be."""
    assert Bucket().take(21, 0.0, **RATE) == math.inf


def test_a_smaller_capacity_holds_at_once() -> None:
    """When the share becomes smaller, what was saved up above it is gone."""
    bucket = Bucket()
    bucket.level(0.0, **RATE)
    assert bucket.level(0.0, capacity=5.0, per_s=1.0) == 5
    assert bucket.level(1.0, **RATE) == 7


@pytest.mark.parametrize("seed", range(20))
def test_no_time_gives_more_than_its_capacity_and_its_rate(seed: int) -> None:
    """Between any two moments, whatever is asked when, at most capacity + rate * time."""
    chance, bucket, now = random.Random(seed), Bucket(), 0.0
    given: list[tuple[float, float]] = []
    for _ in range(300):
        now += chance.choice([0.0, 0.01, 0.3, 5.0]) * chance.random()
        tokens = chance.choice([1, 1, 4, 20])
        if not bucket.take(tokens, now, **RATE):
            given.append((now, tokens))
    for first, (began, _) in enumerate(given):
        total = 0.0
        for at, taken in given[first:]:
            total += taken
            assert total <= RATE["capacity"] + RATE["per_s"] * (at - began) + 1e-6
