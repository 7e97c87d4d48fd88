"""Confidence over few rounds."""

import pytest

from loadtests.intervals import interval, ratio


def test_the_interval_is_students() -> None:
    """Of 1, 2, 3: mean 2, standard error 1/√3, and 4.303 of it for two degrees of freedom."""
    found = interval([1, 2, 3])
    assert found.mean == 2
    assert (found.low, found.high) == pytest.approx((2 - 2.4843, 2 + 2.4843), abs=1e-3)
    assert found.rounds == 3


def test_one_round_has_no_interval() -> None:
    """Nothing is known about its spread."""
    assert interval([7]).mean == 7
    assert interval([7]).low is None


def test_ratios_are_taken_round_by_round() -> None:
    """A round in which the machine was slow for both leaves the ratio as it was."""
    found = ratio([10, 100, 20], [5, 50, 10])
    assert (found.mean, found.low, found.high) == pytest.approx((2, 2, 2))


def test_many_rounds_are_taken_on_the_safe_side() -> None:
    """Beyond the table the interval is a little too wide, never too narrow."""
    found = interval([0.0, 1.0] * 50)
    assert found.high is not None
    assert found.high - found.mean > 1.96 * 0.5025 / 10
