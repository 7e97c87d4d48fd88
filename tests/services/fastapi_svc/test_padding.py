"""Which texts run together."""

from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.fastapi_svc.padding import MOST_TOKENS, RUN_TOKENS, runs

LENGTHS = st.lists(st.integers(1, 512), max_size=64)


def cost(lengths: list[int], found: list[list[int]]) -> int:
    """In tokens' time."""
    return sum(RUN_TOKENS + len(run) * max(lengths[position] for position in run) for run in found)


def cheapest(lengths: list[int]) -> int:
    """Of all ways to cut the sorted texts into runs; exponential."""
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    inner = range(1, len(order))
    return min(
        cost(lengths, [order[start:end] for start, end in pairwise((0, *cuts, len(order)))])
        for count in range(len(order))
        for cuts in combinations(inner, count)
    )


def test_texts_of_a_length_run_together() -> None:
    """They need no padding."""
    assert runs([7] * 32) == [list(range(32))]


def test_texts_of_very_different_lengths_run_apart() -> None:
    """To pad the short ones would take far longer than another run."""
    assert sorted(map(sorted, runs([200, 5, 6, 200]))) == [[0, 3], [1, 2]]


def test_nothing_runs_for_no_texts() -> None:
    """An empty batch has no runs."""
    assert runs([]) == []


@given(LENGTHS)
def test_each_text_runs_once_and_the_longest_of_a_run_comes_first(lengths: list[int]) -> None:
    """Whatever the lengths are."""
    found = runs(lengths)
    assert sorted(position for run in found for position in run) == list(range(len(lengths)))
    assert all(lengths[run[0]] == max(lengths[position] for position in run) for run in found)


@given(LENGTHS)
def test_a_run_of_several_texts_stays_within_its_bound(lengths: list[int]) -> None:
    """So that its memory does."""
    assert all(len(run) == 1 or len(run) * lengths[run[0]] <= MOST_TOKENS for run in runs(lengths))


@given(st.lists(st.integers(1, 100), min_size=1, max_size=9))
def test_no_other_runs_take_less_time(lengths: list[int]) -> None:
    """Compared with every way to cut the sorted texts."""
    assert cost(lengths, runs(lengths)) == cheapest(lengths)
