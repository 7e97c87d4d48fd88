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
Logits = NDArray[np.float32]

_REMEDY = "train the adapter again, or choose another source."
_BATCH = 32


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What a model must reach beside its checkpoint."""

    agreement: float
    """Least share of sentences with the same label."""
    difference: float
    """Largest mean difference of logits, as a share of the logits' mean size."""
    accuracy_drop: float
    """Largest loss of accuracy."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One model beside its checkpoint on the same sentences, as it goes into the manifest."""

    agreement: float
    """Share of the sentences with the same label."""
    mean_logit_difference: float
    """Mean over the sentences of the larger absolute difference of the two logits."""
    max_logit_difference: float
    """The largest of them."""
    accuracy: Mapping[str, Accuracy]


def session(path: Path, threads: int) -> Answer:
    """The ONNX model at `path` on the CPU."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the cores are shared while building
    loaded = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    def answer(ids: NDArray[np.int64], mask: NDArray[np.int64]) -> Logits:
        return np.asarray(loaded.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0], dtype=np.float32)

    return answer


def logits(answer: Answer, tokenizer: Tokenizer, texts: Sequence[str], *, batch_size: int = _BATCH) -> Logits:
    """The logits of each text, float32 [texts, 2], in order; texts of like length are answered together."""
    unpadded = [encoding.ids[: sum(encoding.attention_mask)] for encoding in tokenizer.encode_batch(list(texts))]
    result = np.zeros((len(texts), 2), dtype=np.float32)
    for batch in by_length(unpadded, batch_size):
        encodings = tokenizer.encode_batch([texts[index] for index in batch])
        ids = np.array([encoding.ids for encoding in encodings], dtype=np.int64)
        mask = np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64)
        result[batch] = answer(ids, mask)
    return result


def measure(expected: Logits, found: Logits, sentences: Sequence[Sentence]) -> Measured:
    """The logits `found` beside those of the checkpoint, float32 [sentences, 2]."""
    differences = np.abs(expected - found).max(axis=1)
    return Measured(
        agreement=agreement(expected, found),
        mean_logit_difference=round(float(differences.mean()), 6),
        max_logit_difference=round(float(differences.max()), 6),
        accuracy=of(found, sentences),
    )


def of(answers: Logits, sentences: Sequence[Sentence]) -> Mapping[str, Accuracy]:
    """Accuracy of `answers`, float32 [sentences, 2]."""
    return accuracy([int(label) for label in answers.argmax(axis=1)], sentences)


def agreement(first: Logits, second: Logits) -> float:
    """Share of rows with the same label."""
    return round(float((first.argmax(axis=1) == second.argmax(axis=1)).mean()), 4)


def check(what: str, measured: Measured, expected: Logits, sentences: Sequence[Sentence], bounds: Bounds) -> None:
    """Raise BuildError where the model that is called `what` misses a bound, saying by how much."""
    size = float(np.abs(expected).mean())
    before, after = of(expected, sentences)["all"]["accuracy"], measured.accuracy["all"]["accuracy"]
    _at_least(f"{what}'s agreement with the checkpoint", measured.agreement, bounds.agreement)
    _at_most(f"{what}'s mean difference of logits", measured.mean_logit_difference, bounds.difference * size)
    _at_most(f"{what}'s loss of accuracy", before - after, bounds.accuracy_drop)


def check_accuracy(what: str, measured: Measured, bound: float) -> None:
    """Raise BuildError where the model that is called `what` is right less often than `bound`, a share, says."""
    _at_least(f"{what}'s accuracy on the held-out sentences", measured.accuracy["all"]["accuracy"], bound)


def check_labels(answers: Logits, sentences: Sequence[Sentence]) -> None:
    """Raise BuildError where a checkpoint that does not name its labels is more often wrong than right."""
    share = of(answers, sentences)["all"]["accuracy"]
    if share < 0.5:
        raise BuildError(
            f"The checkpoint names no labels, and is right in {share:.4f} of the held-out sentences with NEGATIVE first: "
            "write id2label into its config.json."
        )


def _at_least(what: str, value: float, bound: float) -> None:
    if not value >= bound:
        raise BuildError(f"The {what} is {value:.4f}, {bound - value:.4f} under the bound of {bound:.4f}: {_REMEDY}")


def _at_most(what: str, value: float, bound: float) -> None:
    if not value <= bound:
        raise BuildError(f"The {what} is {value:.4f}, {value - bound:.4f} over the bound of {bound:.4f}: {_REMEDY}")
