import random

import numpy as np

from model_build.batches import by_length, padded, shuffled

ROWS = [[1] * length for length in (5, 1, 4, 2, 3, 9, 7)]


def test_padding_is_masked() -> None:
    """Shorter rows are filled with the padding id, which the mask leaves out."""
    ids, mask = padded([[7, 8, 9], [7]], pad_id=3)
    assert np.array_equal(ids, [[7, 8, 9], [7, 3, 3]])
    assert np.array_equal(mask, [[1, 1, 1], [1, 0, 0]])


def test_batches_by_length_hold_every_row_once() -> None:
    """Short rows come together, and none is lost."""
    batches = list(by_length(ROWS, 3))
    assert batches == [[1, 3, 4], [2, 0, 6], [5]]


def test_shuffled_batches_hold_every_row_once_and_follow_the_seed() -> None:
    """The same seed gives the same order, another seed another one."""
    first, again, other = (list(shuffled(ROWS, 2, random.Random(seed))) for seed in (0, 0, 5))
    assert sorted(index for batch in first for index in batch) == list(range(len(ROWS)))
    assert first == again != other
