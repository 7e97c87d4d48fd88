"""Whether the served bytes answer as the checkpoint does, and as people do. A build that fails here writes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from tokenizers import Tokenizer

from model_build.accuracy import Accuracy, accuracy
from model_build.batches import by_length
from model_build.data import Sentence
from model_build.errors import BuildError

Answer = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.float32]]
"""Token ids and attention mask, int64 [batch, sequence], to logits, float32 [batch, 2]."""


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a build must reach, as shares of the sentences. Accuracy None: measured and recorded, but not bound."""

    agreement: float = 0.97
    accuracy: float | None = None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What was measured, as it goes into the manifest."""

    agreement: float
    """Share of the sentences on which checkpoint and served model give the same label."""
    mean_logit_difference: float
    """Mean over sentences of the larger absolute difference of the two logits."""
    checkpoint: Mapping[str, Accuracy]
    served: Mapping[str, Accuracy]


def session(path: Path, threads: int) -> Answer:
    """The ONNX model at `path` on the CPU."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the cores are shared while building
    loaded = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def answer(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        return np.asarray(loaded.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0], dtype=np.float32)

    return answer


def logits(answer: Answer, tokenizer: Tokenizer, texts: Sequence[str], *, batch_size: int = 32) -> NDArray[np.float32]:
    """The logits of each text, float32 [texts, 2], in order; texts of like length are answered together."""
    unpadded = [encoding.ids[: sum(encoding.attention_mask)] for encoding in tokenizer.encode_batch(list(texts))]
    result = np.zeros((len(texts), 2), dtype=np.float32)
    for batch in by_length(unpadded, batch_size):
        encodings = tokenizer.encode_batch([texts[index] for index in batch])
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        result[batch] = answer(ids, mask)
    return result


def verify(
    *, checkpoint: Answer, served: Answer, tokenizer: Tokenizer, sentences: Sequence[Sentence], bounds: Bounds
) -> Figures:
    """Measure both on `sentences`; raises BuildError, saying by how much, where a bound is missed."""
    texts = [sentence.text for sentence in sentences]
    expected, found = (logits(answer, tokenizer, texts) for answer in (checkpoint, served))
    figures = Figures(
        agreement=round(float((expected.argmax(axis=1) == found.argmax(axis=1)).mean()), 4),
        mean_logit_difference=round(float(np.abs(expected - found).max(axis=1).mean()), 4),
        checkpoint=accuracy(_labels(expected), sentences),
        served=accuracy(_labels(found), sentences),
    )
    _at_least("agreement with the checkpoint", figures.agreement, bounds.agreement)
    if bounds.accuracy is not None:
        _at_least("accuracy on the held-out sentences", figures.served["all"]["accuracy"], bounds.accuracy)
    return figures


def _labels(answers: NDArray[np.float32]) -> list[int]:
    return [int(label) for label in answers.argmax(axis=1)]


def _at_least(what: str, value: float, bound: float) -> None:
    if not value >= bound:
        raise BuildError(
            f"The model's {what} is {value:.4f}, {bound - value:.4f} under the bound of {bound:.2f}: "
            "train the adapter again, or choose another source."
        )
