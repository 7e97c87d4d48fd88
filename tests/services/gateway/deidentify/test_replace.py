from services.gateway.deidentify import ENTITY_TYPES, Span, merge, replace
from services.gateway.deidentify.patterns import compiled_patterns


def test_spans_are_replaced_by_type() -> None:
    """Each span becomes its type, at the start, in the middle and at the end; characters are code points."""
    found = replace("Ann 👍 Bob", [Span(6, 9, "PERSON"), Span(0, 3, "PERSON")])
    assert found.text == "<PERSON> 👍 <PERSON>"
    assert found.counts() == {"PERSON": 2}


def test_overlaps_leave_nothing_uncovered() -> None:
    """Overlapping spans become one that covers them all, of the longest one's type."""
    spans = [Span(0, 4, "PERSON"), Span(3, 9, "LOCATION"), Span(8, 10, "ID"), Span(10, 12, "ID")]
    assert merge(spans) == (Span(0, 10, "LOCATION"), Span(10, 12, "ID"))


def test_the_more_telling_type_wins() -> None:
    """Of two types for the same characters the earlier in the list is kept."""
    assert merge([Span(0, 8, "ID"), Span(0, 8, "MEDICAL_RECORD_NUMBER")])[0].type == "MEDICAL_RECORD_NUMBER"


def test_every_type_is_declared() -> None:
    """Patterns know no type that audit and metrics don't."""
    assert set(compiled_patterns()) <= set(ENTITY_TYPES)
