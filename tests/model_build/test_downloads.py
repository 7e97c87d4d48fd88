from collections.abc import Sequence
from pathlib import Path

import pytest

from model_build import downloads
from model_build.errors import BuildError
from tests.model_build.checkpoints import write_sentences

ARCHIVE = "vaderSentiment-3.3.2.tar.gz"


def no_run(command: Sequence[str]) -> int:
    raise AssertionError("pip must not run")


def test_the_repository_pins_the_data_by_version_and_hash() -> None:
    """requirements/data.lock names one source distribution exactly."""
    name, version, sha256 = downloads.pinned(downloads.LOCK)
    assert (name, version, len(sha256)) == ("vaderSentiment", "3.3.2", 64)


def test_a_cached_archive_is_used_without_network(tmp_path: Path) -> None:
    """What lies in the cache with the right hash is not downloaded again."""
    lock = write_sentences(tmp_path)
    assert downloads.sentences(tmp_path, lock=lock, run=no_run) == tmp_path / ARCHIVE


def test_pip_downloads_what_the_lock_says(tmp_path: Path) -> None:
    """pip is asked for the source distribution alone, with hashes required, and the file lands in the cache."""
    lock = write_sentences(tmp_path / "made")
    commands: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> int:
        commands.append(command)
        (Path(command[-1]) / ARCHIVE).write_bytes((tmp_path / "made" / ARCHIVE).read_bytes())
        return 0

    found = downloads.sentences(tmp_path / "cache", lock=lock, run=run)
    assert found.read_bytes() == (tmp_path / "made" / ARCHIVE).read_bytes()
    assert {"--require-hashes", "--no-deps", "--no-binary", str(lock)} <= set(commands[0])
    assert list(found.parent.iterdir()) == [found]


def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    """Where pip fails, the remedy is named and nothing stays behind."""
    lock = write_sentences(tmp_path / "made")
    with pytest.raises(BuildError, match=r"could not download vaderSentiment-3\.3\.2: connect") as error:
        downloads.sentences(tmp_path / "cache", lock=lock, run=lambda command: 1)
    assert "\n" not in str(error.value)
    assert list((tmp_path / "cache").iterdir()) == []


def test_another_hash_is_refused(tmp_path: Path) -> None:
    """Bytes that are not the pinned ones are never read as data."""
    lock = write_sentences(tmp_path)
    (tmp_path / ARCHIVE).write_bytes(b"other bytes")
    with pytest.raises(BuildError, match="has the sha256"):
        downloads.sentences(tmp_path, lock=lock, run=no_run)


def test_a_lock_without_a_hash_is_refused(tmp_path: Path) -> None:
    """A requirement that pins no hash is no pin."""
    lock = tmp_path / "data.lock"
    lock.write_text("vaderSentiment==3.3.2\n")
    with pytest.raises(BuildError, match="does not pin"):
        downloads.sentences(tmp_path, lock=lock, run=no_run)
