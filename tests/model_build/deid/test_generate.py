"""Synthetic texts."""

from itertools import pairwise

import pytest

from model_build.deid import lexicons
from model_build.deid.examples import Example, Part
from model_build.deid.generate import examples
from services.gateway.deidentify import ENTITY_TYPES


@pytest.fixture(scope="module", params=["tune", "report"])
def sample(request: pytest.FixtureRequest) -> list[Example]:
    part: Part = request.param
    return list(examples(5, 3_000, part))


def test_the_same_seed_gives_the_same_texts() -> None:
    assert list(examples(3, 20, "tune")) == list(examples(3, 20, "tune"))
    assert list(examples(3, 20, "tune")) != list(examples(4, 20, "tune"))


def test_all_entity_types_are_there(sample: list[Example]) -> None:
    assert {span.type for example in sample for span in example.spans} == set(ENTITY_TYPES)


def test_spans_are_in_order_inside_the_text_and_hold_no_space_at_their_edges(sample: list[Example]) -> None:
    for text, spans in ((example.text, example.spans) for example in sample):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
        assert all(first.end <= second.start for first, second in pairwise(spans))
        assert all(text[span.start : span.end] == text[span.start : span.end].strip() for span in spans)


def test_texts_vary_and_some_have_no_identifier(sample: list[Example]) -> None:
    """Few texts come twice; a sixth or more is there to see what is taken out needlessly."""
    texts = {example.text for example in sample}
    assert len(texts) > 0.9 * len(sample)
    assert sum(not example.spans for example in sample) > len(sample) / 6
    assert any(example.text.isupper() for example in sample)
    assert any(example.text.islower() for example in sample)
    assert any("\n" in example.text[span.start : span.end] for example in sample for span in example.spans)


@pytest.mark.parametrize(
    "values",
    [
        lexicons.first_names,
        lexicons.last_names,
        lexicons.frequent_first_names,
        lexicons.frequent_last_names,
        lexicons.counties,
        lexicons.foreign_cities,
        lexicons.street_names,
    ],
)
def test_the_parts_share_no_name_and_no_place(values: object) -> None:
    assert callable(values)
    tune, report = ({lexicons.plain(value).lower() for value in values(part)} for part in ("tune", "report"))
    assert tune
    assert report
    assert tune.isdisjoint(report)


def test_the_parts_share_no_city() -> None:
    tune, report = ({place.city.lower() for place in lexicons.places(part)} for part in ("tune", "report"))
    assert report
    assert tune.isdisjoint(report)
