"""Token ids in batches of like length, so that little is spent on padding."""

import random
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Ids = Sequence[int]


def padded(rows: Sequence[Ids], *, pad_id: int = 0) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Token ids and attention mask, each int64 [rows, longest row]."""
    ids = np.full((len(rows), max(len(row) for row in rows)), pad_id, dtype=np.int64)
    mask = np.zeros_like(ids)
    for index, row in enumerate(rows):
        ids[index, : len(row)] = row
        mask[index, : len(row)] = 1
    return ids, mask


def by_length(rows: Sequence[Ids], size: int) -> Iterator[list[int]]:
    """Indices of all rows, shortest first, in batches of at most `size`."""
    order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def shuffled(rows: Sequence[Ids], size: int, rng: random.Random, *, window: int = 16) -> Iterator[list[int]]:
    """Indices of all rows in random batches; within `window` batches rows of like length come together."""
    order = list(range(len(rows)))
    rng.shuffle(order)
    for start in range(0, len(order), size * window):
        chunk = order[start : start + size * window]
        batches = [[chunk[index] for index in batch] for batch in by_length([rows[index] for index in chunk], size)]
        rng.shuffle(batches)
        yield from batches
