"""The knee, found from steps."""

from loadtests.capacity import Objective, knee
from tests.loadtests.examples import step

OBJECTIVE = Objective(p95_ms=50)


def test_the_knee_is_the_last_step_up_to_which_all_kept_to_the_objective() -> None:
    """Their p95 is twice the median, whatever the order they were measured in."""
    steps = [step("triton", offered_per_s=rate, median_ms=median) for rate, median in ((30, 26), (10, 5), (20, 25))]
    assert knee([each.run for each in steps], OBJECTIVE) == 20


def test_a_step_that_does_by_chance_above_one_that_does_not_counts_for_nothing() -> None:
    """The capacity is what can be relied on."""
    steps = [step("triton", offered_per_s=rate, median_ms=median) for rate, median in ((10, 5), (20, 90), (30, 5))]
    assert knee([each.run for each in steps], OBJECTIVE) == 10


def test_dropped_iterations_are_beyond_the_knee() -> None:
    """The rate was not offered, however fast the answers were."""
    steps = [step("triton", offered_per_s=10, median_ms=5), step("triton", offered_per_s=20, median_ms=5, dropped=1)]
    assert knee([each.run for each in steps], OBJECTIVE) == 10


def test_it_is_zero_where_no_step_kept_to_it() -> None:
    """Nothing is guessed below the first."""
    assert knee([step("triton", offered_per_s=10, median_ms=60).run], OBJECTIVE) == 0
    assert knee([], OBJECTIVE) == 0
