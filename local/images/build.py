"""Builds what is not in the cache."""

import fcntl
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from local.images import base, engines
from local.images.archive import BuiltImage, digest_of
from local.images.engines import Engine
from local.images.recipe import BASE, RECIPES

Progress = Callable[[str], None]


def build_all(
    repo: Path, cache: Path, *, progress: Progress = print, choose: Callable[[Path], Engine] = engines.choose
) -> dict[str, BuiltImage]:
    """All images of the services by name, as OCI archives below `cache`/images; builds only what changed.

    `progress` gets a line at each step. Raises LocalError with one sentence. Two builds at a time wait for each other;
    nothing is left mounted, and what a killed build left is removed by the next.
    """
    directory = cache / "images"
    directory.mkdir(parents=True, exist_ok=True)
    with _locked(directory, progress):
        images = {} if (digest := _base_digest(directory)) is None else _cached(repo, directory, digest)
        if len(images) < len(RECIPES):
            with choose(directory) as engine:
                _prepare_base(engine, directory, progress)
                _build_missing(engine, repo, directory, progress)
            images = _cached(repo, directory, _base_digest(directory) or "")
            _prune(directory, keep={image.archive for image in images.values()})
        return images


def _archive(directory: Path, name: str, key: str) -> Path:
    return directory / f"{name}-{key}.tar"


def _record(archive: Path) -> Path:
    return archive.with_suffix(".json")


def _base_digest(directory: Path) -> str | None:
    """The digest of the base that was pulled or made: it stays the same until the cache is removed."""
    return _recorded(directory / "base.tar")


def _recorded(archive: Path) -> str | None:
    try:
        return str(json.loads(_record(archive).read_text())["digest"]) if archive.is_file() else None
    except (FileNotFoundError, ValueError, KeyError):
        return None


def _finish(made: Path, archive: Path) -> None:
    """Take a complete archive into the cache: the record, written last, is what says that it is there."""
    digest = digest_of(made)
    made.replace(archive)
    _record(archive).write_text(json.dumps({"digest": digest}))


def _cached(repo: Path, directory: Path, base_digest: str) -> dict[str, BuiltImage]:
    images = {}
    for recipe in RECIPES:
        archive = _archive(directory, recipe.name, recipe.key(repo, base=base_digest))
        if digest := _recorded(archive):
            images[recipe.name] = BuiltImage(name=recipe.name, archive=archive, digest=digest)
    return images


def _prepare_base(engine: Engine, directory: Path, progress: Progress) -> None:
    archive = directory / "base.tar"
    if _recorded(archive) is None:
        made = directory / "base.new"
        if engine.pull(BASE, made):
            progress(f"pulled {BASE}")
        else:
            progress(f"no registry answers for {BASE}: making a Debian base in its place (about a minute)")
            base.build(made)
        _finish(made, archive)
    engine.load(archive, BASE)


def _build_missing(engine: Engine, repo: Path, directory: Path, progress: Progress) -> None:
    base_digest = _base_digest(directory) or ""
    present = _cached(repo, directory, base_digest)
    for recipe in (recipe for recipe in RECIPES if recipe.name not in present):
        progress(f"building {recipe.name} from {recipe.dockerfile}")
        started = time.monotonic()
        made = directory / f"{recipe.name}.new"
        made.unlink(missing_ok=True)
        engine.build(repo / recipe.dockerfile, context=repo, archive=made)
        archive = _archive(directory, recipe.name, recipe.key(repo, base=base_digest))
        _finish(made, archive)
        size = archive.stat().st_size / 2**20
        progress(f"built {recipe.name}: {size:.0f} MiB in {time.monotonic() - started:.0f} s")


def _prune(directory: Path, *, keep: set[Path]) -> None:
    """Remove the archives of earlier versions: each is half a gigabyte."""
    for recipe in RECIPES:
        for archive in set(directory.glob(f"{recipe.name}-{'[0-9a-f]' * 16}.tar")) - keep:
            _record(archive).unlink(missing_ok=True)
            archive.unlink()


@contextmanager
def _locked(directory: Path, progress: Progress) -> Iterator[None]:
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another build of the images")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
