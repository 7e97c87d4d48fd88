"""From a source to build/model: cached by the hash of everything that goes in, written aside, then moved."""

import errno
import hashlib
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
from model_build.targets import TARGETS, Target, check

Progress = Callable[[str], None]

_CODE = Path(__file__).resolve().parent
_TRITON = _CODE.parent / "services" / "triton"
_FRONTS = (_TRITON / "model_repository" / "sentiment" / "1" / "model.py", _TRITON / "gpu_front" / "model.py")
_PACKAGES = ("torch", "transformers", "peft", "onnx", "onnxscript", "onnxruntime", "tokenizers")
_FREE_FACTOR = 5
"""ONNX in three precisions, with what exporter and quantiser write on the way, over the size of the checkpoint."""


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
    target: Target = TARGETS["cpu"],
    beside: Path | None = None,
    snapshot: Snapshot | None = None,
    lock: Path = downloads.LOCK,
) -> Result:
    """Build the model that `source` names for `target`, or find it in `cache`, and link `output` to it; raises BuildError.

    The newest model of the build in `beside` is served with it, as version 1 beside version 2. `lock` names the rated sentences
    on which every model is verified.
    """
    _check_output(output)
    check(target)
    checkpoint = resolve(source, snapshot=snapshot)
    archive = downloads.sentences(cache / "downloads", lock=lock)
    folder = cache / "models" / fingerprint(checkpoint, archive, target, beside)
    version = _cached(folder)
    if found := version is None:
        version = _make(checkpoint, archive, target, beside, folder, progress)
    _link(output, folder)
    return Result(folder=folder, version=version or "", built=found)


def fingerprint(checkpoint: Checkpoint, archive: Path, target: Target, beside: Path | None = None) -> str:
    """Sixteen hexadecimal digits over all inputs: checkpoint, adapter, sentences, target, this code, versions of packages."""
    total = hashlib.sha256(f"{checkpoint.source} for {target.name}".encode())
    manifests = [beside / manifest.MANIFEST] if beside else []
    for path in (*checkpoint.files, archive, *sorted(_CODE.glob("*.py")), *_FRONTS, *manifests):
        if not path.is_file():
            raise BuildError(f"{path.parent} holds no built model: build one there first.")
        total.update(f"\n{path.name} {manifest.digest(path)}".encode())
    for package in _PACKAGES:
        total.update(f"\n{package}=={installed(package)}".encode())
    return total.hexdigest()[:16]


def _make(
    checkpoint: Checkpoint, archive: Path, target: Target, beside: Path | None, folder: Path, progress: Progress
) -> str:
    folder.parent.mkdir(parents=True, exist_ok=True)
    _check_space(checkpoint, folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".build-") as scratch, _room(folder.parent):
        model = Path(scratch) / "model"
        model.mkdir(mode=0o755)
        with _phase("load the build's libraries", progress):
            from model_build import pipeline, versions  # torch: seconds that a cached build does not spend
        version = pipeline.run(checkpoint, target, archive, model, lambda name: _phase(name, progress))
        if beside:
            _drop_bytecode(beside)
            version = versions.side_by_side(model, beside)
        if folder.exists():  # damaged, or made by another build meanwhile
            shutil.rmtree(folder)
        model.replace(folder)
    return version


@contextmanager
def _room(folder: Path) -> Iterator[None]:
    """Says that `folder` has no room left, where others filled it while the build wrote."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise BuildError(f"{folder} has no room left: free some, and build again.") from error


@contextmanager
def _phase(name: str, progress: Progress) -> Iterator[None]:
    started = time.monotonic()
    progress(f"{name} …")
    yield
    progress(f"{name}: {time.monotonic() - started:.1f} s")


def _cached(target: Path) -> str | None:
    """The version of the model in `target` where it is whole, else None."""
    _drop_bytecode(target)
    try:
        found = manifest.parse((target / manifest.MANIFEST).read_bytes())
        manifest.check(target, found)
    except (OSError, manifest.ManifestError):
        return None
    return found.version


def _drop_bytecode(folder: Path) -> None:
    """What a server that was run from `folder` compiled beside the model: no manifest lists it."""
    for compiled in folder.glob("repository/*/*/__pycache__"):
        shutil.rmtree(compiled)


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
