"""Numbers with check digits, against published examples."""

from random import Random

import pytest

from model_build.deid.values.numbers import Numbers, gtin, luhn
from model_build.deid.values.people import People


@pytest.fixture
def numbers() -> Numbers:
    rng = Random(0)
    return Numbers(rng, People(rng, "tune"))


def test_luhn_gives_the_check_digit_of_the_standards_example() -> None:
    """7992739871-3, and the NPI of the CMS's own example: 123456789-3 behind 80840."""
    assert luhn("7992739871") == "79927398713"
    assert luhn("80840123456789")[5:] == "1234567893"


def test_gtin_gives_the_check_digit_of_a_known_article() -> None:
    assert gtin("0400638133393") == "04006381333931"


def test_most_npis_and_vins_have_a_right_check_digit_and_some_have_not(numbers: Numbers) -> None:
    """Notes have wrong ones too: they are identifiers all the same."""
    npis = [numbers.npi() for _ in range(300)]
    assert 200 < sum(luhn("80840" + npi[:9])[5:] == npi for npi in npis) < 300
    vins = [numbers.vin() for _ in range(300)]
    assert all(len(vin) == 17 and not set(vin) & set("IOQ") for vin in vins)
    assert 200 < sum(vin_is_right(vin) for vin in vins) < 300


def test_the_check_of_this_file_knows_a_real_vin() -> None:
    assert vin_is_right("1M8GDM9AXKP042788")
    assert not vin_is_right("1M8GDM9A1KP042788")


def test_codes_of_no_known_form_have_at_least_four_digits(numbers: Numbers) -> None:
    codes = [numbers.code() for _ in range(300)]
    assert all(sum(c.isdigit() for c in code) >= 4 for code in codes)
    assert len(set(codes)) > 290


def vin_is_right(vin: str) -> bool:
    """By 49 CFR 565.15, written another way than in the generator."""
    letters = "0123456789.ABCDEFGH..JKLMN.P.R..STUVWXYZ"
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    remainder = sum(letters.index(c) % 10 * weight for c, weight in zip(vin, weights, strict=True)) % 11
    return vin[8] == "0123456789X"[remainder]
