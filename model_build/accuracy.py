"""Accuracy against the people's ratings, whole and per source, each with its confidence interval."""

import math
from collections.abc import Mapping, Sequence
from typing import TypedDict

from model_build.data import SOURCES, Sentence

_Z_95 = 1.959964


class Accuracy(TypedDict):
    """A share of right labels (0 to 1), the 95 % Wilson interval around it, and the number of sentences behind it."""

    accuracy: float
    low: float
    high: float
    sentences: int


def accuracy(predicted: Sequence[int], sentences: Sequence[Sentence]) -> Mapping[str, Accuracy]:
    """Of the predicted labels (0 or 1, one a sentence): under "all", and under each source that has sentences."""
    right = [label == sentence.label for label, sentence in zip(predicted, sentences, strict=True)]
    figures = {"all": _interval(right)}
    for source in SOURCES:
        if of_source := [hit for hit, sentence in zip(right, sentences, strict=True) if sentence.source == source]:
            figures[source] = _interval(of_source)
    return figures


def _interval(right: Sequence[bool]) -> Accuracy:
    count = len(right)
    share = sum(right) / count
    spread = _Z_95 * math.sqrt(share * (1 - share) / count + _Z_95**2 / (4 * count**2))
    centre, scale = share + _Z_95**2 / (2 * count), 1 + _Z_95**2 / count
    return Accuracy(
        accuracy=round(share, 4),
        sentences=count,
        low=round((centre - spread) / scale, 4),
        high=round((centre + spread) / scale, 4),
    )
