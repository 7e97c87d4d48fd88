import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers

from model_build.data import Sentence
from model_build.errors import BuildError
from model_build.verify import Answer, Bounds, check, check_accuracy, check_labels, logits, measure

GOOD, BAD = Sentence(text="good", rating=2, source="films"), Sentence(text="bad bad", rating=-2, source="films")
SENTENCES = [GOOD, BAD] * 5
TEXTS = [sentence.text for sentence in SENTENCES]
BOUNDS = Bounds(agreement=0.97, difference=0.1, accuracy_drop=0.01)


@pytest.fixture
def tokenizer() -> Tokenizer:
    """good is 1 and bad is 2; shorter texts are padded with 0."""
    result = Tokenizer(models.WordLevel({"[PAD]": 0, "good": 1, "bad": 2}, unk_token="[PAD]"))
    result.pre_tokenizer = pre_tokenizers.Whitespace()
    result.enable_padding(pad_id=0)
    return result


def right(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """Positive where the first token is `good`."""
    score = np.where(ids[:, 0] == 1, 1.0, -1.0)
    return np.stack([-score, score], axis=1).astype(np.float32)


def wrong(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """The opposite of what is right."""
    return -right(ids, mask)


def test_logits_come_back_in_the_order_of_the_texts(tokenizer: Tokenizer) -> None:
    """Batching by length does not mix up the answers."""
    answers = logits(right, tokenizer, ["bad bad", "good", "bad", "good good good"], batch_size=2)
    assert answers.argmax(axis=1).tolist() == [0, 1, 0, 1]


def test_a_true_copy_passes_and_is_measured(tokenizer: Tokenizer) -> None:
    """Equal answers agree wholly, and accuracy is counted against the ratings."""
    expected = logits(right, tokenizer, TEXTS)
    measured = measure(expected, expected, SENTENCES)
    check("copy", measured, expected, SENTENCES, BOUNDS)
    assert (measured.agreement, measured.mean_logit_difference, measured.max_logit_difference) == (1.0, 0.0, 0.0)
    assert measured.accuracy["films"]["accuracy"] == 1.0


def test_the_mean_and_the_largest_difference_are_told_apart(tokenizer: Tokenizer) -> None:
    """One sentence that is far off is seen beside the many that are not."""
    expected = logits(right, tokenizer, TEXTS)
    found = expected.copy()
    found[0] += 0.5
    measured = measure(expected, found, SENTENCES)
    assert (measured.mean_logit_difference, measured.max_logit_difference) == (0.05, 0.5)


@pytest.mark.parametrize(
    ("found", "bounds", "message"),
    [
        (wrong, BOUNDS, r"copy's agreement with the checkpoint is 0\.0000, 0\.9700 under the bound of 0\.9700"),
        (
            wrong,
            Bounds(agreement=0, difference=0.5, accuracy_drop=1),
            r"logits is 2\.0000, 1\.5000 over the bound of 0\.5",
        ),
        (wrong, Bounds(agreement=0, difference=9, accuracy_drop=0.25), r"accuracy is 1\.0000, 0\.7500 over the bound"),
    ],
)
def test_a_missed_bound_fails_and_says_by_how_much(
    tokenizer: Tokenizer, found: Answer, bounds: Bounds, message: str
) -> None:
    """A model that answers otherwise than its checkpoint, or worse, is not written."""
    expected, answers = logits(right, tokenizer, TEXTS), logits(found, tokenizer, TEXTS)
    with pytest.raises(BuildError, match=message):
        check("copy", measure(expected, answers, SENTENCES), expected, SENTENCES, bounds)


def test_low_accuracy_fails_and_says_by_how_much(tokenizer: Tokenizer) -> None:
    """The built-in model must be right often enough, however well it copies its checkpoint."""
    answers = logits(wrong, tokenizer, TEXTS)
    with pytest.raises(BuildError, match=r"accuracy on the held-out sentences is 0\.0000, 0\.8000 under"):
        check_accuracy("model", measure(answers, answers, SENTENCES), 0.8)


def test_labels_without_a_name_that_look_swapped_are_refused(tokenizer: Tokenizer) -> None:
    """A checkpoint that is wrong more often than right most likely has POSITIVE first: it must say so."""
    check_labels(logits(right, tokenizer, TEXTS), SENTENCES)
    with pytest.raises(BuildError, match=r"names no labels, and is right in 0\.0000 .*write id2label"):
        check_labels(logits(wrong, tokenizer, TEXTS), SENTENCES)
