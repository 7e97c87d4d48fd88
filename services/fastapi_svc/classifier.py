"""Tokenise and infer, in process: texts in, predictions out. Knows nothing of the web."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from pydantic import TypeAdapter
from tokenizers import Tokenizer

from services.http.schemas import Label

_LABELS = TypeAdapter(tuple[Label, ...])


class ModelError(Exception):
    """The model cannot be served: one sentence that says why."""


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What manifest.json says of the model: who it is, and the sha256 of each file by path relative to the manifest."""

    name: str
    version: str
    labels: tuple[Label, ...]
    max_tokens: int
    sha256: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Parse `path`; raises ModelError where it is missing or has not the manifest's shape."""
        try:
            raw = json.loads(path.read_bytes())
            return cls(
                name=str(raw["name"]),
                version=str(raw["version"]),
                labels=_LABELS.validate_python(raw["labels"]),
                max_tokens=int(raw["max_tokens"]),
                sha256={name: file["sha256"] for name, file in raw["files"].items()},
            )
        except FileNotFoundError:
            raise ModelError("The model's manifest.json is missing; fetch the model first.") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ModelError("The model's manifest.json is not a model manifest; fetch the model again.") from None

    def verified(self, root: Path, path: Path) -> bytes:
        """The content of `path` below `root` (the manifest's folder); raises ModelError unless its sha256 is listed."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise ModelError(f"The model's {path.name} is missing; fetch the model again.") from None
        if self.sha256.get(path.relative_to(root).as_posix()) != hashlib.sha256(content).hexdigest():
            raise ModelError(f"The model's {path.name} does not match the manifest; fetch the model again.")
        return content


class Classifier:
    """A loaded model. `classify` may be called from several threads at a time."""

    def __init__(self, *, manifest: Manifest, tokenizer: Tokenizer, session: ort.InferenceSession) -> None:
        self.manifest = manifest
        self._tokenizer = tokenizer
        self._session = session
        self._tokenizer.enable_truncation(max_length=manifest.max_tokens)
        if self._tokenizer.padding is None:
            self._tokenizer.enable_padding()

    def classify(self, texts: Sequence[str]) -> list[tuple[Label, float]]:
        """The most probable label of each text and its probability, in order; texts are cut at `max_tokens` tokens."""
        encodings = self._tokenizer.encode_batch(list(texts))
        feeds = {
            "input_ids": np.array([encoding.ids for encoding in encodings], dtype=np.int64),
            "attention_mask": np.array([encoding.attention_mask for encoding in encodings], dtype=np.int64),
        }
        (logits,) = self._session.run(["logits"], feeds)
        probabilities = softmax(np.asarray(logits, dtype=np.float64))
        if probabilities.shape != (len(texts), len(self.manifest.labels)):
            raise ModelError("The model's logits do not fit the manifest's labels; build it again.")
        return [(self.manifest.labels[int(row.argmax())], float(row.max())) for row in probabilities]


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities, float64 [batch, labels], of logits of the same shape."""
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True))


def load(model_dir: Path, *, threads: int) -> Classifier:
    """Verify model.onnx and tokenizer.json in `model_dir` against the manifest, load them and try them once.

    Raises ModelError. What is hashed is what is loaded: each file is read once, into memory.
    """
    directory = model_dir.absolute()
    if len(directory.parents) < 3:
        raise ModelError("The model folder must lie three folders below its manifest.json.")
    root = directory.parents[2]
    manifest = Manifest.read(root / "manifest.json")
    model, tokenizer = (manifest.verified(root, directory / name) for name in ("model.onnx", "tokenizer.json"))
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        classifier = Classifier(manifest=manifest, tokenizer=Tokenizer.from_buffer(tokenizer), session=session)
        classifier.classify(["warm-up"])
    except Exception as error:  # neither library has an error class of its own for a file that it cannot use
        raise ModelError("The model cannot be loaded; build it again.") from error
    return classifier
