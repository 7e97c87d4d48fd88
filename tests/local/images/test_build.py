"""What is built, what is taken from the cache, what is removed; with an engine that only counts."""

import shutil
from pathlib import Path

import pytest

from local.errors import LocalError
from local.images import BuiltImage, build_all
from local.images.archive import digest_of
from local.images.recipe import BASE, RECIPES

NAMES = {recipe.name for recipe in RECIPES}


class CountingEngine:
    """Answers every build with the same small image."""

    def __init__(self, image: Path, *, fails_on: str = "") -> None:
        self.image, self.fails_on = image, fails_on
        self.built: list[str] = []
        self.loaded: list[str] = []
        self.open = 0

    def __enter__(self) -> "CountingEngine":
        self.open += 1
        return self

    def __exit__(self, *_: object) -> None:
        self.open -= 1

    def pull(self, reference: str, archive: Path) -> bool:
        shutil.copy(self.image, archive)
        return True

    def load(self, archive: Path, reference: str) -> None:
        self.loaded.append(reference)

    def build(self, dockerfile: Path, *, context: Path, archive: Path) -> None:
        name = dockerfile.relative_to(context).as_posix()
        if name == self.fails_on:
            archive.write_text("half an image")
            raise LocalError("no space left")
        self.built.append(name)
        shutil.copy(self.image, archive)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    for recipe in RECIPES:
        dockerfile = tmp_path / "repo" / recipe.dockerfile
        dockerfile.parent.mkdir(parents=True, exist_ok=True)
        dockerfile.write_text(f"FROM {BASE}\n")
    return tmp_path / "repo"


def build(repo: Path, cache: Path, engine: CountingEngine, lines: list[str] | None = None) -> dict[str, BuiltImage]:
    printed: list[str] = [] if lines is None else lines
    return build_all(repo, cache, progress=printed.append, choose=lambda _: engine)


def test_builds_every_image_on_the_base_and_says_so(repo: Path, tmp_path: Path, oci_archive: Path) -> None:
    """Each image has its archive and its manifest's digest; each step has a line."""
    engine, lines = CountingEngine(oci_archive), list[str]()
    images = build(repo, tmp_path / "cache", engine, lines)
    assert set(images) == NAMES
    assert all(image.archive.is_file() and image.digest == digest_of(oci_archive) for image in images.values())
    assert engine.loaded == [BASE]
    assert engine.open == 0
    assert [line.split()[0] for line in lines] == ["pulled", *["building", "built"] * len(NAMES)]


def test_a_second_call_needs_no_engine(repo: Path, tmp_path: Path, oci_archive: Path) -> None:
    """Everything comes from the cache, with the same digests."""
    first = build(repo, tmp_path / "cache", CountingEngine(oci_archive))

    def none(_: Path) -> CountingEngine:
        raise AssertionError("no engine is needed")

    assert build_all(repo, tmp_path / "cache", choose=none) == first


def test_builds_only_what_changed_and_removes_what_it_replaces(repo: Path, tmp_path: Path, oci_archive: Path) -> None:
    """The archive of the earlier version is gone, because each is half a gigabyte."""
    engine = CountingEngine(oci_archive)
    first = build(repo, tmp_path / "cache", engine)
    changed = RECIPES[1]
    (repo / changed.dockerfile).write_text(f"FROM {BASE}\nUSER 1\n")
    engine.built.clear()
    second = build(repo, tmp_path / "cache", engine)
    assert engine.built == [changed.dockerfile]
    assert not first[changed.name].archive.exists()
    assert {name for name in NAMES if first[name] == second[name]} == NAMES - {changed.name}


def test_a_failed_build_keeps_what_was_complete_and_is_made_up_for(
    repo: Path, tmp_path: Path, oci_archive: Path
) -> None:
    """The engine is closed, the half image is not taken for one, and the next run builds only the rest."""
    failing = CountingEngine(oci_archive, fails_on=RECIPES[1].dockerfile)
    with pytest.raises(LocalError, match="no space left"):
        build(repo, tmp_path / "cache", failing)
    assert failing.open == 0
    engine = CountingEngine(oci_archive)
    assert set(build(repo, tmp_path / "cache", engine)) == NAMES
    assert engine.built == [recipe.dockerfile for recipe in RECIPES[1:]]


def test_a_removed_archive_is_built_again(repo: Path, tmp_path: Path, oci_archive: Path) -> None:
    """A record without its archive counts for nothing."""
    engine = CountingEngine(oci_archive)
    images = build(repo, tmp_path / "cache", engine)
    images["gateway"].archive.unlink()
    engine.built.clear()
    build(repo, tmp_path / "cache", engine)
    assert engine.built == ["services/gateway/Dockerfile"]
