"""Texts written by hand, with other values."""

from random import Random

from model_build.deid import frames, handwritten
from model_build.deid.examples import Example


def spans(example: Example) -> list[tuple[str, str]]:
    return [(span.type, example.text[span.start : span.end]) for span in example.spans]


def test_every_text_to_learn_from_has_its_versions_with_the_same_kinds_of_identifiers() -> None:
    """Two versions of each; none of the parts that are measured on."""
    sources = [*handwritten.texts("learn"), *handwritten.texts("tune")]
    found = frames.examples(2, Random(0))
    assert len(found) == 2 * len(sources)
    for number, version in enumerate(found):
        assert [kind for kind, _ in spans(version)] == [span.type for span in sources[number // 2].spans]


def test_versions_have_other_values_and_the_same_ones_for_the_same_seed() -> None:
    found = frames.examples(2, Random(0))
    assert found == frames.examples(2, Random(0))
    named = [(first, second) for first, second in zip(found[::2], found[1::2], strict=True) if len(first.spans) > 3]
    assert sum(spans(first) != spans(second) for first, second in named) > 0.9 * len(named)
