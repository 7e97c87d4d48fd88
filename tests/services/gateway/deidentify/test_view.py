# ruff: noqa: RUF001  # characters that look like others are what is tested
import pytest

from services.gateway.deidentify.spans import SpanFinder
from services.gateway.deidentify.view import view

ZERO_WIDTH, SOFT_HYPHEN, NO_BREAK_HYPHEN, NO_BREAK_SPACE = "\u200b", "\u00ad", "\u2011", "\u00a0"


@pytest.mark.parametrize(
    ("text", "hidden", "kind"),
    [
        ("call ４１５-５５５-２６７１ now", "４１５-５５５-２６７１", "PHONE_NUMBER"),
        (f"SSN 123{NO_BREAK_HYPHEN}45{NO_BREAK_HYPHEN}6789", f"123{NO_BREAK_HYPHEN}45{NO_BREAK_HYPHEN}6789", "US_SSN"),
        (f"SSN 123-4{ZERO_WIDTH}5-6789.", f"123-4{ZERO_WIDTH}5-6789", "US_SSN"),
        (f"M{SOFT_HYPHEN}RN 0048{SOFT_HYPHEN}2913", f"0048{SOFT_HYPHEN}2913", "MEDICAL_RECORD_NUMBER"),
        (
            f"on{NO_BREAK_SPACE}March{NO_BREAK_SPACE}3,{NO_BREAK_SPACE}2021",
            f"March{NO_BREAK_SPACE}3,{NO_BREAK_SPACE}2021",
            "DATE",
        ),
        ("MRN: ٠٠٤٨٢٩١٣", "٠٠٤٨٢٩١٣", "MEDICAL_RECORD_NUMBER"),
        ("Dr. \u0405mith came", "\u0405mith", "PERSON"),
        ("МRN 00482913", "00482913", "MEDICAL_RECORD_NUMBER"),
        ("Dr. José came", "José", "PERSON"),
        ("Dr. Jose\u0301 came", "Jose\u0301", "PERSON"),
        ("on 3⁄14⁄2023 at", "3⁄14⁄2023", "DATE"),
        ("write to jane＠example．org.", "jane＠example．org", "EMAIL_ADDRESS"),
        ("phone  415   555  2671 x", "415   555  2671", "PHONE_NUMBER"),
        ("𝟒𝟏𝟓-𝟓𝟓𝟓-𝟐𝟔𝟕𝟏", "𝟒𝟏𝟓-𝟓𝟓𝟓-𝟐𝟔𝟕𝟏", "PHONE_NUMBER"),
        ("👍 SSN 123-45-6789 👍", "123-45-6789", "US_SSN"),
    ],
)
def test_other_code_points_hide_nothing(rules: SpanFinder, text: str, hidden: str, kind: str) -> None:
    """Whatever it is spelt with, the identifier is found, with its place in the input."""
    assert [(span.type, text[span.start : span.end]) for span in rules.spans(view(text))] == [(kind, hidden)]


def test_units_and_other_alphabets_stay() -> None:
    """A Greek letter on its own and words of another alphabet are not Latin ones."""
    assert view("5 μg β-carotene").text == "5 μg β-carotene"
    assert view("Пациент").text == "Пациент"


@pytest.mark.parametrize(
    "text", ["plain", "a  b   c", "straße ½ ﬁ", "e\u0301\u0302x\u200b", "\ufeff", "İstanbul", "\ud800x"]
)
def test_every_character_knows_its_place(text: str) -> None:
    """The characters of the view lie in the input, in order; text and lower case have the same length."""
    shown = view(text)
    assert len(shown.text) == len(shown.lower)
    places = [shown.to_input(place, place + 1) for place in range(len(shown.text))]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(text) for start, end in places)
