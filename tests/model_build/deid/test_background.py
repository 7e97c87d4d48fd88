"""Texts with other names in them."""

from random import Random

from model_build.deid.background import Variation, pieces
from model_build.deid.examples import Example, assemble
from services.gateway.deidentify import Span

EXAMPLE = Example(
    "MARIA LOPEZ, MRN 1234, of Salem", (Span(0, 11, "PERSON"), Span(17, 21, "ID"), Span(26, 31, "LOCATION"))
)


def test_an_example_can_be_taken_apart_and_put_together_again() -> None:
    assert assemble(pieces(EXAMPLE)) == EXAMPLE


def test_names_and_places_change_and_everything_else_stays() -> None:
    vary = Variation(Random(0))
    varied = [vary(pieces(EXAMPLE)) for _ in range(50)]
    assert all([span.type for span in each.spans] == ["PERSON", "ID", "LOCATION"] for each in varied)
    assert all("MRN 1234" in each.text for each in varied)
    names = {each.text[: each.spans[0].end] for each in varied}
    assert len(names) > 20
    assert all(name.isupper() for name in names)
