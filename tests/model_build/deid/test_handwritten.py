from collections import Counter

import pytest

from model_build.deid.examples import Example
from model_build.deid.handwritten import HandPart, parse, paths, read, texts
from services.gateway.deidentify import ENTITY_TYPES, Span

PARTS: tuple[HandPart, ...] = ("learn", "tune", "develop", "report")
ENOUGH = 15
REAL = {"new york", "washington, dc", "52501"}
"""Cities and their ZIP codes that exist: any text may have them."""


def marked(example: Example) -> str:
    """The text with its markup again."""
    result = ""
    end = 0
    for span in example.spans:
        result += f"{example.text[end : span.start]}[{span.type}:{example.text[span.start : span.end]}]"
        end = span.end
    return result + example.text[end:]


def values(part: HandPart, entity_type: str) -> set[str]:
    """What this part marks as this type, in lower case."""
    return {
        example.text[span.start : span.end].lower()
        for example in texts(part)
        for span in example.spans
        if span.type == entity_type
    }


def test_offsets_count_characters_of_the_text_without_markup() -> None:
    """Spans come in order, across line breaks and beside other brackets and letters outside ASCII."""
    example = parse("[ ] Zoë: [PERSON:Ana\nRuiz], [[DATE:3/4]] [SIC:")
    assert example.text == "[ ] Zoë: Ana\nRuiz, [3/4] [SIC:"
    assert example.spans == (Span(9, 17, "PERSON"), Span(20, 23, "DATE"))


@pytest.mark.parametrize("part", PARTS)
def test_markup_survives_a_round_trip(part: HandPart) -> None:
    """The files can be written again from what was read, byte for byte."""
    for path in paths(part):
        assert "\n---\n".join(marked(example) for example in read(path)) + "\n" == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("part", PARTS)
def test_no_markup_is_left_in_a_text(part: HandPart) -> None:
    """A slip of the pen in the markup doesn't become part of a text."""
    for example in texts(part):
        assert example.text == example.text.strip() != ""
        assert not any(f"{entity_type}:" in example.text for entity_type in ENTITY_TYPES if "_" in entity_type)
        assert "[" not in example.text
        assert "]" not in example.text


@pytest.mark.parametrize("part", PARTS)
def test_spans_hold_the_identifier_alone(part: HandPart) -> None:
    """No space, full stop or title is inside a span, and each is of a known type."""
    for example in texts(part):
        for span in example.spans:
            value = example.text[span.start : span.end]
            assert span.type in ENTITY_TYPES
            assert value == value.strip(" \n\t.,;:")
            assert not value.startswith(("Dr. ", "Mr. ", "Mrs. ", "Ms. ")), value


@pytest.mark.parametrize(("part", "least"), [("tune", 5), ("develop", 1), ("report", ENOUGH)])
def test_every_type_occurs_often_enough_to_be_measured(part: HandPart, least: int) -> None:
    """One miss of a type may move its recall, but not decide it."""
    counts = Counter(span.type for example in texts(part) for span in example.spans)
    assert set(counts) == set(ENTITY_TYPES)
    assert min(counts.values()) >= least, counts


@pytest.mark.parametrize("part", ["tune", "report"])
def test_a_fifth_of_the_texts_holds_no_identifier(part: HandPart) -> None:
    """Precision is measured on texts that only look as if they held one."""
    examples = list(texts(part))
    assert sum(not example.spans for example in examples) >= len(examples) / 5


@pytest.mark.parametrize("entity_type", sorted(set(ENTITY_TYPES) - {"AGE", "DATE"}))
@pytest.mark.parametrize("measured", ["develop", "report"])
def test_parts_share_no_values(entity_type: str, measured: HandPart) -> None:
    """What was learnt from is not what is measured; ages and dates repeat by nature, first names alone do."""
    shared = (values("learn", entity_type) | values("tune", entity_type)) & values(measured, entity_type)
    assert not {value for value in shared if " " in value or any(map(str.isdigit, value))} - REAL
