"""From a source to build/model: cached by the hash of everything that goes in, written aside, then moved."""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path

from model_build import downloads, manifest
from model_build.errors import BuildError
from model_build.sources import Checkpoint, Snapshot, resolve

Progress = Callable[[str], None]

_CODE = Path(__file__).resolve().parent
_BACKEND_MODEL = _CODE.parent / "services" / "triton" / "model_repository" / "sentiment" / "1" / "model.py"
_PACKAGES = ("torch", "transformers", "peft", "onnx", "onnxscript", "onnxruntime", "tokenizers")
_FREE_FACTOR = 4
"""Single-precision and quantised ONNX, with what the exporter writes on the way, over the size of the checkpoint."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """A built model: its folder in the cache, and whether this run made it."""

    folder: Path
    version: str
    built: bool


def build(
    source: str,
    *,
    output: Path,
    cache: Path,
    progress: Progress,
    snapshot: Snapshot | None = None,
    lock: Path = downloads.LOCK,
) -> Result:
    """Build the model that `source` names, or find it in `cache`, and link `output` to it; raises BuildError.

    `lock` names the rated sentences on which every model is verified.
    """
    _check_output(output)
    checkpoint = resolve(source, snapshot=snapshot)
    archive = downloads.sentences(cache / "downloads", lock=lock)
    target = cache / "models" / fingerprint(checkpoint, archive)
    version = _cached(target)
    if found := version is None:
        version = _make(checkpoint, archive, target, progress)
    _link(output, target)
    return Result(folder=target, version=version or "", built=found)


def fingerprint(checkpoint: Checkpoint, archive: Path) -> str:
    """Sixteen hexadecimal digits over all inputs: checkpoint, adapter, sentences, this code, versions of packages."""
    total = hashlib.sha256(checkpoint.source.encode())
    for path in (*checkpoint.files, archive, *sorted(_CODE.glob("*.py")), _BACKEND_MODEL):
        total.update(f"\n{path.name} {manifest.digest(path)}".encode())
    for package in _PACKAGES:
        total.update(f"\n{package}=={installed(package)}".encode())
    return total.hexdigest()[:16]


def _make(checkpoint: Checkpoint, archive: Path, target: Path, progress: Progress) -> str:
    target.parent.mkdir(parents=True, exist_ok=True)
    _check_space(checkpoint, target.parent)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".build-") as scratch:
        model = Path(scratch) / "model"
        model.mkdir(mode=0o755)
        with _phase("load the build's libraries", progress):
            from model_build import pipeline  # torch: seconds that a cached build does not spend
        version = pipeline.run(checkpoint, archive, model, lambda name: _phase(name, progress))
        if target.exists():  # damaged, or made by another build meanwhile
            shutil.rmtree(target)
        model.replace(target)
    return version


@contextmanager
def _phase(name: str, progress: Progress) -> Iterator[None]:
    started = time.monotonic()
    progress(f"{name} …")
    yield
    progress(f"{name}: {time.monotonic() - started:.1f} s")


def _cached(target: Path) -> str | None:
    """The version of the model in `target` where it is whole, else None."""
    try:
        found = manifest.parse((target / manifest.MANIFEST).read_bytes())
        manifest.check(target, found)
    except (OSError, manifest.ManifestError):
        return None
    return found.version


def _check_space(checkpoint: Checkpoint, folder: Path) -> None:
    needed = _FREE_FACTOR * sum(path.stat().st_size for path in checkpoint.files)
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BuildError(f"The build needs {needed // 10**6} MB in {folder}, which has {free // 10**6}: free some.")


def _check_output(output: Path) -> None:
    if output.exists() and not output.is_symlink():
        raise BuildError(f"{output} is not a link of the model build: move it away, or give another --output.")


def _link(output: Path, target: Path) -> None:
    output.parent.mkdir(parents=True, exist_ok=True)
    aside = output.with_name(f".{output.name}-{os.getpid()}")
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    aside.replace(output)


def write_manifest(folder: Path, content: dict[str, object]) -> str:
    """Write manifest.json for the repository in `folder`; the version, which its files decide, is returned."""
    files = manifest.describe(folder)
    version = manifest.version(files)
    listed = {path: {"sha256": file.sha256, "size": file.size} for path, file in files.items()}
    text = json.dumps({"version": version, **content, "files": listed}, indent=2)
    (folder / manifest.MANIFEST).write_text(text + "\n")
    return version
