"""Raw ONNX Runtime, as far as the texts' batches go."""

from collections.abc import Sequence
from typing import Any

from loadtests.bench.raw import times


class Recorded:
    """A classifier that remembers its batches."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def classify(self, texts: Sequence[str]) -> list[tuple[str, float]]:
        self.batches.append(list(texts))
        return []


def test_texts_are_taken_in_batches_of_the_size_that_is_asked_for() -> None:
    """Each has a time; the last may be smaller."""
    classifier: Any = Recorded()
    assert len(list(times(classifier, ["a", "b", "c", "d", "e"], 2))) == 3
    assert classifier.batches == [["a", "b"], ["c", "d"], ["e"]]
