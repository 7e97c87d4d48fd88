"""manifest.json: what a model is, and size and sha256 of each of its files. Standard library only: images run it."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

MANIFEST = "manifest.json"
LARGEST_MANIFEST = 1_048_576
LARGEST_MODEL = 8 * 1024**3
_MOST_FILES = 1_000
_CHUNK = 1_048_576


class ManifestError(Exception):
    """A manifest, or a file that it lists, is not what it must be: one sentence that names the remedy."""


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of the model: its size in bytes and its sha256 in hexadecimal."""

    sha256: str
    size: int


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """The part of manifest.json that fetching and serving rely on; `files` by path relative to the manifest."""

    name: str
    version: str
    labels: tuple[str, ...]
    max_tokens: int
    files: Mapping[str, File]


def parse(content: bytes) -> Manifest:
    """Read a manifest's bytes; raises ManifestError for a wrong shape, a path outside the model, or too much."""
    try:
        raw: Mapping[str, Any] = json.loads(content)
        manifest = Manifest(
            name=str(raw["name"]),
            version=str(raw["version"]),
            labels=tuple(str(label) for label in raw["labels"]),
            max_tokens=int(raw["max_tokens"]),
            files={
                str(path): File(sha256=str(file["sha256"]), size=int(file["size"]))
                for path, file in raw["files"].items()
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ManifestError("The manifest is not a model manifest: build the model again.") from error
    for path in manifest.files:
        if not _inside(path):
            raise ManifestError("The manifest lists a path outside the model's repository: build the model again.")
    sizes = [file.size for file in manifest.files.values()]
    if len(sizes) > _MOST_FILES or min(sizes, default=0) < 0 or sum(sizes) > LARGEST_MODEL:
        raise ManifestError(f"The manifest lists over {_MOST_FILES} files or {LARGEST_MODEL} bytes: use a smaller one.")
    return manifest


def describe(root: Path) -> dict[str, File]:
    """Every file below `root`/repository, by path relative to `root`, in the order of the paths."""
    return {
        path.relative_to(root).as_posix(): File(sha256=digest(path), size=path.stat().st_size) for path in _files(root)
    }


def version(files: Mapping[str, File]) -> str:
    """Twelve hexadecimal digits that name this content: other bytes, another version."""
    content = json.dumps({path: file.sha256 for path, file in sorted(files.items())}, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def check(root: Path, manifest: Manifest) -> None:
    """Raise ManifestError unless `root`/repository holds the listed files and no other, each of its size and sha256."""
    unlisted = {path.relative_to(root).as_posix() for path in _files(root)} - set(manifest.files)
    if unlisted:
        raise ManifestError(f"The manifest does not list {min(unlisted)}: fetch or build the model again.")
    for path, file in manifest.files.items():
        found = root / path
        if not found.is_file():
            raise ManifestError(f"The model's {path} is missing: fetch or build the model again.")
        if found.stat().st_size != file.size or digest(found) != file.sha256:
            raise ManifestError(f"The model's {path} does not match the manifest: fetch or build the model again.")


def digest(path: Path) -> str:
    """The sha256 of a file's content, in hexadecimal, without holding it in memory."""
    result = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            result.update(chunk)
    return result.hexdigest()


def _files(root: Path) -> list[Path]:
    return sorted(path for path in (root / "repository").rglob("*") if not path.is_dir())


def _inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    plain = path.isprintable() and "\\" not in path and path == "/".join(parts)
    return plain and len(parts) > 1 and parts[0] == "repository" and ".." not in parts
