"""Texts from pieces."""

from model_build.deid.examples import Example, Piece, assemble, join
from services.gateway.deidentify import Span


def test_spans_count_in_characters_of_the_whole_text() -> None:
    """Spaces at the edges of an identifier are not part of it."""
    example = assemble([Piece("Seen by é "), Piece(" Ana Ruiz ", "PERSON"), Piece("in "), Piece("Ohio")])
    assert example.text == "Seen by é  Ana Ruiz in Ohio"
    assert example.spans == (Span(11, 19, "PERSON"),)


def test_an_empty_identifier_has_no_span() -> None:
    assert assemble([Piece("a"), Piece("  ", "PERSON")]).spans == ()


def test_joined_texts_keep_their_spans() -> None:
    joined = join(Example("Ana", (Span(0, 3, "PERSON"),)), ", ", Example("in Salem", (Span(3, 8, "LOCATION"),)))
    assert joined == Example("Ana, in Salem", (Span(0, 3, "PERSON"), Span(8, 13, "LOCATION")))
