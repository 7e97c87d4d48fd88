import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, pre_tokenizers

from model_build.data import Sentence
from model_build.errors import BuildError
from model_build.verify import Bounds, logits, verify

GOOD, BAD = Sentence(text="good", rating=2, source="films"), Sentence(text="bad bad", rating=-2, source="films")
SENTENCES = [GOOD, BAD] * 5


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
    bounds = Bounds(accuracy=0.8)
    figures = verify(checkpoint=right, served=right, tokenizer=tokenizer, sentences=SENTENCES, bounds=bounds)
    assert (figures.agreement, figures.mean_logit_difference) == (1.0, 0.0)
    assert figures.served["films"]["accuracy"] == 1.0


def test_disagreement_fails_and_says_by_how_much(tokenizer: Tokenizer) -> None:
    """A served model that answers otherwise than its checkpoint is not written."""
    with pytest.raises(BuildError, match=r"agreement with the checkpoint is 0\.0000, 0\.9700 under the bound of 0\.97"):
        verify(checkpoint=right, served=wrong, tokenizer=tokenizer, sentences=SENTENCES, bounds=Bounds())


def test_low_accuracy_fails_where_it_is_bound(tokenizer: Tokenizer) -> None:
    """The built-in model must reach its accuracy; of others it is only recorded."""
    with pytest.raises(BuildError, match=r"accuracy on the held-out sentences is 0\.0000, 0\.8000 under"):
        verify(checkpoint=wrong, served=wrong, tokenizer=tokenizer, sentences=SENTENCES, bounds=Bounds(accuracy=0.8))
    recorded = verify(checkpoint=wrong, served=wrong, tokenizer=tokenizer, sentences=SENTENCES, bounds=Bounds())
    assert recorded.served["all"]["accuracy"] == 0.0
