"""Tokenise and infer, in process: texts in, predictions out. Knows nothing of the web."""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray
from pydantic import TypeAdapter
from tokenizers import Encoding, Tokenizer

from services.fastapi_svc import padding
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
    def read(cls, path: Path, *, number: str = "1") -> "Manifest":
        """Parse `path`; raises ModelError where it is missing or has not the manifest's shape.

        `number` is Triton's of the version that is served: where there are several, each has a build's name of its own.
        """
        try:
            raw = json.loads(path.read_bytes())
            served = raw.get("versions", {}).get(number, raw)
            return cls(
                name=str(raw["name"]),
                version=str(served["version"]),
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

    def __init__(
        self, *, manifest: Manifest, tokenizer: Tokenizer, session: ort.InferenceSession, one_run: bool = False
    ) -> None:
        """`one_run`: the texts of a call always run together, however much padding that takes."""
        self.manifest = manifest
        self._tokenizer = tokenizer
        self._session = session
        self._one_run = one_run
        self._pad_id = (tokenizer.padding or {"pad_id": 0})["pad_id"]
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length=manifest.max_tokens)

    def classify(self, texts: Sequence[str]) -> list[tuple[Label, float]]:
        """The most probable label of each text and its probability, in order; texts are cut at `max_tokens` tokens."""
        probabilities = softmax(self._logits(texts).astype(np.float64))
        return [(self.manifest.labels[int(row.argmax())], float(row.max())) for row in probabilities]

    def _logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        encodings = self._tokenizer.encode_batch_fast(list(texts))
        lengths = [len(encoding) for encoding in encodings]
        logits = np.empty((len(texts), len(self.manifest.labels)), dtype=np.float32)
        for run in [list(range(len(texts)))] if self._one_run else padding.runs(lengths):
            feeds = self._padded([encodings[position] for position in run])
            (found,) = self._session.run(["logits"], feeds)
            if found.shape != (len(run), logits.shape[1]):
                raise ModelError("The model's logits do not fit the manifest's labels; build it again.")
            logits[run] = found
        return logits

    def _padded(self, encodings: Sequence[Encoding]) -> dict[str, NDArray[np.int64]]:
        shape = len(encodings), max(map(len, encodings))
        ids, mask = np.full(shape, self._pad_id, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding)], mask[row, : len(encoding)] = encoding.ids, 1
        return {"input_ids": ids, "attention_mask": mask}


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities, float64 [batch, labels], of logits of the same shape."""
    exponents = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponents / exponents.sum(axis=-1, keepdims=True))


def session_options(threads: int) -> ort.SessionOptions:
    """For runs of many shapes in one process.

    No memory pattern: ONNX Runtime would keep one for each shape that it has met, and a run is no faster for it. Threads
    do not spin while they wait for work, since the service has other work for the same cores.
    """
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def load(model_dir: Path, *, threads: int, one_run: bool = False) -> Classifier:
    """Verify model.onnx and tokenizer.json in `model_dir` against the manifest, load them and try them once.

    Raises ModelError. What is hashed is what is loaded: each file is read once, into memory.
    """
    directory = model_dir.absolute()
    if len(directory.parents) < 3:
        raise ModelError("The model folder must lie three folders below its manifest.json.")
    root = directory.parents[2]
    manifest = Manifest.read(root / "manifest.json", number=directory.name)
    model, tokenizer = (manifest.verified(root, directory / name) for name in ("model.onnx", "tokenizer.json"))
    os.environ.setdefault("RAYON_NUM_THREADS", str(threads))  # the tokenizer would take every core that it sees
    try:
        session = ort.InferenceSession(model, session_options(threads), providers=["CPUExecutionProvider"])
        classifier = Classifier(
            manifest=manifest, tokenizer=Tokenizer.from_buffer(tokenizer), session=session, one_run=one_run
        )
        classifier.classify(["warm-up"])
    except Exception as error:  # neither library has an error class of its own for a file that it cannot use
        raise ModelError("The model cannot be loaded; build it again.") from error
    return classifier
