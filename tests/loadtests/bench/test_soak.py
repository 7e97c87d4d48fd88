"""Whether memory is flat."""

import pytest

from loadtests.measure import LoadTestError
from loadtests.soak import Requests, Sample, growth, texts


def samples(*resident: int) -> list[Sample]:
    return [Sample(float(number), held, number) for number, held in enumerate(resident)]


def test_what_fills_at_the_beginning_is_no_growth() -> None:
    """The first quarter is not looked at."""
    assert growth(samples(10, 50, 100, 100, 100, 100, 100, 100)) == 0


def test_growth_is_the_last_quarter_over_the_second() -> None:
    """As a share."""
    assert growth(samples(100, 100, 100, 100, 105, 105, 110, 110)) == pytest.approx(0.1)


def test_a_soak_of_a_few_samples_says_nothing() -> None:
    """It is refused, not called flat."""
    with pytest.raises(LoadTestError, match="Too few samples"):
        growth(samples(1, 2, 3))


def test_every_request_comes_as_often_as_the_others_until_the_time_is_over() -> None:
    """In another order each time."""
    requests = Requests([b"a", b"b", b"c"], seconds=3600)
    taken = [request for _, request in zip(range(9), requests, strict=False)]
    assert sorted(taken) == sorted([b"a", b"b", b"c"] * 3)
    assert requests.asked >= 9
    assert list(Requests([b"a"], seconds=-1)) == []


def test_texts_are_of_all_lengths() -> None:
    """From a few words to more than the model reads."""
    lengths = sorted(map(len, texts()))
    assert lengths[0] < 60
    assert lengths[-1] > 2_000
    assert lengths[-1] <= 10_000
