import pytest

from services.gateway.deidentify import ENTITY_TYPES
from services.gateway.deidentify.spans import SpanFinder
from services.gateway.deidentify.view import view
from tests.services.gateway.deidentify.marked import Found, expected, lines, plain


def found(rules: SpanFinder, text: str) -> Found:
    return [(span.type, text[span.start : span.end]) for span in rules.spans(view(text))]


@pytest.mark.parametrize("marked", [*lines("identifiers.txt"), *lines("layouts.txt")])
def test_identifiers_of_a_form_are_found(rules: SpanFinder, marked: str) -> None:
    """Each is found by its type and exactly, and nothing besides, without the recogniser's help."""
    assert found(rules, plain(marked)) == expected(marked)


@pytest.mark.parametrize("text", [*lines("no_identifiers.txt"), *lines("no_names.txt")])
def test_what_only_looks_like_one_is_kept(rules: SpanFinder, text: str) -> None:
    """Values, doses, scores, public codes, durations, ages up to 89, years and states come through."""
    assert found(rules, text) == []


def test_every_type_has_a_case() -> None:
    """No type of the contract is without a line above."""
    assert {kind for line in lines("identifiers.txt") for kind, _ in expected(line)} == set(ENTITY_TYPES)


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        ("NPI 1234567890", "LICENSE_NUMBER"),
        ("DEA AB1234560", "LICENSE_NUMBER"),
        ("VIN 1HGCM82633A004359", "VEHICLE_ID"),
        ("SSN 000-12-3456", "US_SSN"),
        ("credit card 4111 1111 1111 1112", "ACCOUNT_NUMBER"),
        ("routing number 021000020", "ACCOUNT_NUMBER"),
        ("IMEI 490154203237510", "DEVICE_ID"),
        ("MBI 1SG4-TE5-MK73", "HEALTH_PLAN_NUMBER"),
    ],
)
def test_a_wrong_check_digit_hides_nothing(rules: SpanFinder, label: str, kind: str) -> None:
    """With a label a number is taken out whatever its check digit says."""
    [(found_kind, value)] = found(rules, label)
    assert (found_kind, value) == (kind, label[-len(value) :])
    assert sum(map(str.isdigit, value)) == sum(map(str.isdigit, label))


def test_a_year_of_birth_stays_below_ninety(rules: SpanFinder) -> None:
    """Only a year that makes somebody older than 89 is more than a year."""
    assert found(rules, "He was born in 1990.") == []
    assert found(rules, "She was born in 1915.") == [("DATE", "1915")]


def test_columns_take_the_type_of_their_heading(rules: SpanFinder) -> None:
    """In a table a bare number is what its column says."""
    table = "Patient | MRN | Acct | Phone\nx | 88213 | 55120 | 4471902"
    assert found(rules, table) == [
        ("MEDICAL_RECORD_NUMBER", "88213"),
        ("ACCOUNT_NUMBER", "55120"),
        ("PHONE_NUMBER", "4471902"),
    ]
