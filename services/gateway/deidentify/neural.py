"""Finds names, places and other identifiers without a fixed form, with a small network in ONNX Runtime.

The network was trained by `python -m model_build.deid train`; `model/manifest.json` says on what and how well it did.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from services.gateway.deidentify import ENTITY_TYPES, Span
from services.gateway.deidentify.neural_features import LISTS_FEATURE, NAMES, Featurizer

MODEL = Path(__file__).resolve().parent / "model"
MANIFEST, NETWORK, WORDS, LISTS = "manifest.json", "network.onnx", "words.txt", "lists.txt"
INPUT, OUTPUT = "features", "probabilities"
_WINDOW = 1_024
"""Tokens that are read at once, so that memory does not grow with the text."""


class ModelError(Exception):
    """The recogniser's files are missing, or not the ones that its manifest lists."""


@dataclass(frozen=True)
class _Manifest:
    labels: Sequence[str]
    thresholds: Mapping[str, float]
    alone: Mapping[str, float]
    plain: Mapping[str, float]
    reach: int
    files: Mapping[str, str]


class NeuralRecognizer:
    """Finds identifiers of the types that its manifest has a threshold for. Safe for threads; keeps nothing of a text.

    A token is one of an identifier when the probability that it is none is below the threshold of the likeliest type:
    low thresholds miss more, high ones take more out that is none. Where the manifest says so, an identifier of one word has to
    be surer: of any word (`alone`), or of one of English or medicine that is in no list of names or places (`plain`).
    """

    def __init__(self, threads: int = 1, folder: Path = MODEL) -> None:
        """Load and check the files of `folder`; raises ModelError, or what ONNX Runtime raises."""
        manifest = _manifest(folder)
        self._reach = manifest.reach
        self._types = tuple(dict.fromkeys(label[2:] for label in manifest.labels[1:]))
        self._thresholds = np.array([manifest.thresholds.get(kind, 0.0) for kind in self._types], dtype=np.float32)
        self._highest = self._thresholds.max()
        self._alone = [manifest.alone.get(kind, 1.0) for kind in self._types]
        self._plain = [manifest.plain.get(kind, 1.0) for kind in self._types]
        self._featurizer = Featurizer(
            (folder / WORDS).read_text("utf-8").split("\t"),
            dict(_word_lists((folder / LISTS).read_text("utf-8"))),
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(folder / NETWORK), options, providers=["CPUExecutionProvider"])
        self.spans("Dr. Warm Up saw the patient.")

    @property
    def types(self) -> frozenset[str]:
        """The entity types that it finds."""
        return frozenset(kind for kind, threshold in zip(self._types, self._thresholds, strict=True) if threshold > 0)

    def spans(self, text: str) -> list[Span]:
        """The identifiers in `text`, in order and without overlap."""
        tokens = self._featurizer(text)
        if not tokens.starts:
            return []
        probabilities = self.probabilities(tokens.features)
        found = np.flatnonzero(probabilities[:, 0] < self._highest)
        begins, insides = probabilities[found, 1::2], probabilities[found, 2::2]
        kinds = (begins + insides).argmax(axis=1)
        taken = probabilities[found, 0] < self._thresholds[kinds]
        if not taken.any():
            return []
        fresh = (begins > insides)[np.arange(len(found)), kinds][taken]
        indices = found[taken].tolist()
        every = frozenset(indices)
        groups = (
            group
            for group in _groups(indices, kinds[taken].tolist(), fresh.tolist())
            if self._is_sure(group, every, probabilities, tokens.features)
        )
        spans = (Span(tokens.starts[first], tokens.ends[last], self._types[kind]) for first, last, kind in groups)
        return [trimmed for span in spans if (trimmed := _trimmed(text, span)) is not None]

    def _is_sure(
        self,
        group: tuple[int, int, int],
        found: frozenset[int],
        probabilities: NDArray[np.float32],
        features: NDArray[np.int32],
    ) -> bool:
        """Whether the group is more than one token, has one found beside it, or is as sure as one alone has to be."""
        first, last, kind = group
        if first != last or first - 1 in found or first + 1 in found:
            return True
        lists = int(features[first, LISTS_FEATURE]) - self._featurizer.list_row
        limit = min(self._alone[kind], self._plain[kind]) if lists and not lists & NAMES else self._alone[kind]
        return float(probabilities[first, 0]) < limit

    def probabilities(self, features: NDArray[np.int32]) -> NDArray[np.float32]:
        """Of each label for each token. Windows overlap by as much as the network sees, so that none is at an edge."""
        if len(features) <= _WINDOW:
            return self._run(features)
        parts = []
        for start in range(0, len(features), _WINDOW):
            before = max(0, start - self._reach)
            part = self._run(features[before : start + _WINDOW + self._reach])
            parts.append(part[start - before : start - before + _WINDOW])
        return np.concatenate(parts)

    def _run(self, features: NDArray[np.int32]) -> NDArray[np.float32]:
        (probabilities,) = self._session.run([OUTPUT], {INPUT: features})
        result: NDArray[np.float32] = probabilities
        if not math.isfinite(result.sum()):
            raise FloatingPointError("the recogniser's network answered something that is no number")
        return result


def _groups(indices: list[int], kinds: list[int], fresh: list[bool]) -> Iterator[tuple[int, int, int]]:
    """First token, last token and type of each run of neighbours that have one type; a fresh token starts another."""
    first = last = indices[0]
    kind = kinds[0]
    for index, this, starts in zip(indices[1:], kinds[1:], fresh[1:], strict=True):
        if index != last + 1 or this != kind or starts:
            yield first, last, kind
            first, kind = index, this
        last = index
    yield first, last, kind


def _trimmed(text: str, span: Span) -> Span | None:
    """The span from its first to its last letter or digit; None when it has none."""
    start, end = span.start, span.end
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return Span(start, end, span.type) if start < end else None


def _manifest(folder: Path) -> _Manifest:
    """The manifest, after every file that it lists was compared with its sha256."""
    try:
        raw: Mapping[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        manifest = _Manifest(
            labels=[str(label) for label in raw["labels"]],
            thresholds={str(kind): float(value) for kind, value in raw["thresholds"].items()},
            alone={str(kind): float(value) for kind, value in raw["alone"].items()},
            plain={str(kind): float(value) for kind, value in raw["plain"].items()},
            reach=int(raw["reach"]),
            files={name: str(raw["files"][name]["sha256"]) for name in (NETWORK, WORDS, LISTS)},
        )
        found = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in manifest.files}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            "The recogniser's model is incomplete: restore its folder from git or train it again."
        ) from error
    for name, sha256 in manifest.files.items():
        if found[name] != sha256:
            raise ModelError(f"The recogniser's {name} is not the one in its manifest: restore it from git.")
    if unknown := {label[2:] for label in manifest.labels[1:]} - set(ENTITY_TYPES):
        raise ModelError(f"The recogniser knows the type {min(unknown)}, which nothing else does: train it again.")
    return manifest


def _word_lists(text: str) -> Iterator[tuple[str, int]]:
    """Every word with its lists; each line has the lists as a number, then their words."""
    for line in text.splitlines():
        bits, *words = line.split(" ")
        for word in words:
            yield word, int(bits)
