"""Numbers and years as they are dictated."""

import pytest

from model_build.deid.values.dates import spoken_number, spoken_year


@pytest.mark.parametrize(("number", "words"), [(6, "six"), (15, "fifteen"), (40, "forty"), (56, "fifty six")])
def test_numbers_in_words(number: int, words: str) -> None:
    assert spoken_number(number) == words


@pytest.mark.parametrize(
    ("year", "words"),
    [(1962, "nineteen sixty two"), (2000, "two thousand"), (2004, "two thousand four"), (2023, "twenty twenty three")],
)
def test_years_in_words(year: int, words: str) -> None:
    assert spoken_year(year) == words
