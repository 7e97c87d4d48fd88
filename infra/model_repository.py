"""The built model on disk, as its manifest declares it."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

REPO = Path(__file__).resolve().parent.parent
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class ModelFile:
    """One file of the model; `path` is relative to the repository's root, with forward slashes."""

    path: str
    sha256: str
    size: int
    """Bytes."""


@dataclass(frozen=True)
class ModelRepository:
    """A model whose every file was found and hashed to what the manifest says."""

    root: Path
    name: str
    version: str
    manifest_sha256: str
    files: tuple[ModelFile, ...]

    @property
    def prefix(self) -> str:
        """Key prefix in the model store, without a slash at the end."""
        return f"models/{self.name}/{self.version}"

    @property
    def size_mib(self) -> int:
        """Size of all files, rounded up."""
        return -(-sum(file.size for file in self.files) // 2**20)

    @classmethod
    def read(cls, path: str) -> "ModelRepository":
        """Reads and verifies the model at `path` (relative to the repository's root).

        Raises ValueError with one sentence when the manifest or a file is missing or differs.
        """
        root = (REPO / path).resolve()
        manifest = root / MANIFEST
        if not manifest.is_file():
            raise ValueError(f"{path} holds no {MANIFEST}: run `make model`")
        raw = manifest.read_bytes()
        try:
            content = json.loads(raw)
            name, version = str(content["name"]), str(content["version"])
            files = tuple(_verified(root, key, entry) for key, entry in sorted(content["files"].items()))
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{path}/{MANIFEST} is not a model manifest: run `make model`") from error
        own = ModelFile(path=MANIFEST, sha256=hashlib.sha256(raw).hexdigest(), size=len(raw))
        return cls(root=root, name=name, version=version, manifest_sha256=own.sha256, files=(own, *files))


def _verified(root: Path, path: str, entry: dict[str, Any]) -> ModelFile:
    relative = PurePosixPath(path)
    if relative.is_absolute() or ".." in relative.parts:
        raise ValueError(f"the manifest names {path}, which lies outside the model repository")
    file = root / relative
    if not file.is_file():
        raise ValueError(f"{path} is in the manifest but not on disk: run `make model`")
    content = file.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry["sha256"]:
        raise ValueError(f"{path} differs from its sha256 in the manifest: run `make model`")
    return ModelFile(path=path, sha256=digest, size=len(content))
