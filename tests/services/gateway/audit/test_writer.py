"""Records are durable when `append` returns, whatever happened before and whenever the process ends."""

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.gateway.audit.chain import parse
from services.gateway.audit.segments import listing
from services.gateway.audit.verify import verify
from services.gateway.audit.writer import ChainWriter
from tests.services.gateway.audit.trail import chain_writer, write_chain

REQUEST = {"kind": "request", "request_id": "r"}


def kinds(folder: Path) -> list[str]:
    """What records there are, in order of their files."""
    lines = [line for path in listing(folder) for line in path.read_bytes().splitlines(keepends=True)]
    return [str(parse(line).fields["kind"]) for line in lines]


def whole(folder: Path) -> bool:
    return verify([folder]).faults == []


def test_a_chain_begins_with_who_writes_it(tmp_path: Path) -> None:
    """The first chain of a volume continues none; the next one names the first one's end."""
    write_chain(tmp_path, 2)
    write_chain(tmp_path, 1)
    first, second = listing(tmp_path)
    start = parse(second.read_bytes().splitlines(keepends=True)[0]).fields
    last = parse(first.read_bytes().splitlines(keepends=True)[-1]).head
    assert start["continues"] == {"chain": last.chain, "sequence": 2, "hash": last.hash}
    assert start["instance"] == "gateway-0"
    assert parse(first.read_bytes().splitlines(keepends=True)[0]).fields["continues"] is None


def test_a_line_torn_anywhere_is_kept_as_a_record_and_cut_off(tmp_path: Path) -> None:
    """Every place at which a kill can tear the last line, its line feed's included."""
    write_chain(tmp_path, 2)
    (path,) = listing(tmp_path)
    content = path.read_bytes()
    last = len(content.splitlines(keepends=True)[-1])
    for torn in range(1, last):
        folder = tmp_path / str(torn)
        folder.mkdir()
        (folder / path.name).write_bytes(content[:-torn])
        write_chain(folder, 1)
        assert kinds(folder) == ["start", "request", "start", "torn", "request"]
        found = parse(listing(folder)[1].read_bytes().splitlines(keepends=True)[1]).fields
        assert found["content"].encode("latin-1") == content[-last:-torn]
        assert (found["file"], found["at"]) == (path.name, len(content) - last)
        assert whole(folder)


def test_a_torn_line_is_on_record_before_it_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A kill between the two leaves it twice rather than not at all."""
    write_chain(tmp_path, 1)
    (path,) = listing(tmp_path)
    path.write_bytes(path.read_bytes()[:-5])
    monkeypatch.setattr(ChainWriter, "_cut", lambda _: None)
    write_chain(tmp_path, 0)
    monkeypatch.undo()
    assert kinds_of_last(tmp_path) == ["start", "torn"]
    assert not path.read_bytes().endswith(b"\n")


def kinds_of_last(folder: Path) -> list[str]:
    return [str(parse(line).fields["kind"]) for line in listing(folder)[-1].read_bytes().splitlines(keepends=True)]


@pytest.mark.parametrize("left", [b"", b'{"half'])
def test_a_segment_that_a_kill_left_without_a_record_is_no_end(tmp_path: Path, left: bytes) -> None:
    """The record before it is the one that is continued."""
    name = write_chain(tmp_path, 2)
    (tmp_path / f"{name}.000000000003.jsonl").write_bytes(left)
    write_chain(tmp_path, 1)
    assert kinds(tmp_path) == ["start", "request", "request", "start", *(["torn"] if left else []), "request"]
    assert whole(tmp_path)


def test_a_broken_end_is_told_of_and_stays_broken(tmp_path: Path) -> None:
    """Somebody edited the last record: the next chain begins nevertheless, and the file is as it was found."""
    write_chain(tmp_path, 2)
    (path,) = listing(tmp_path)
    path.write_bytes(path.read_bytes().replace(b'"r1"', b'"rX"'))
    edited = path.read_bytes()
    write_chain(tmp_path, 1)
    start = parse(listing(tmp_path)[1].read_bytes().splitlines(keepends=True)[0]).fields
    assert (start["broken"], start["continues"]) == (path.name, None)
    assert path.read_bytes() == edited
    assert not whole(tmp_path)


def test_segments_end_at_their_size(tmp_path: Path) -> None:
    """The chain goes on in the next one."""
    write_chain(tmp_path, *[3] * 20, segment_bytes=2000)
    assert len(listing(tmp_path)) > 5
    assert all(path.stat().st_size <= 2000 for path in listing(tmp_path))
    assert whole(tmp_path)


def test_a_trail_takes_no_more_of_its_volume_than_it_may(tmp_path: Path) -> None:
    """At the limit it fails, and goes on when the collector has freed a segment."""
    writer = chain_writer(tmp_path, max_bytes=5000, segment_bytes=1500)
    append_until_full(writer)
    assert sum(path.stat().st_size for path in listing(tmp_path)) <= 5000
    assert whole(tmp_path)
    listing(tmp_path)[0].unlink()
    writer.append([REQUEST])
    assert verify([tmp_path], partial=True).faults == []


def append_until_full(writer: ChainWriter, together: int = 1) -> int:
    """How many appends of so many records succeeded."""
    for number in range(10_000):
        try:
            writer.append([REQUEST] * together)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            return number
    raise AssertionError("the disk is not full")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "audit", folder], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("only root may mount a small file system")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_a_full_disk_leaves_nothing_half_written(small_disk: Path) -> None:
    """What was acknowledged is there, nothing more, and the chain goes on when there is room again."""
    writer = chain_writer(small_disk, segment_bytes=16_384)
    (small_disk / "other").write_bytes(b"x" * 20_480)
    written = 3 * append_until_full(writer, 3)
    assert kinds(small_disk) == ["start", *["request"] * written]
    with pytest.raises(OSError, match="No space left"):
        writer.append([REQUEST] * 100)
    (small_disk / "other").unlink()
    writer.append([REQUEST])
    writer.close()
    assert kinds(small_disk) == ["start", *["request"] * (written + 1)]
    assert whole(small_disk)


def test_a_chain_that_can_t_begin_begins_later(small_disk: Path) -> None:
    """A disk that is full when the gateway starts."""
    filler = small_disk / "other"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(b"x" * 1_000_000)
    writer = chain_writer(small_disk)
    with pytest.raises(OSError, match="No space left"):
        writer.append([])
    assert (writer.head, listing(small_disk)) == (None, [])
    filler.unlink()
    writer.append([REQUEST])
    writer.close()
    assert kinds(small_disk) == ["start", "request"]


def test_a_failed_sync_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel reports an error of a disk once and forgets the pages: what it was about is cut off and written again."""
    writer = chain_writer(tmp_path)
    writer.append([REQUEST])
    before = listing(tmp_path)[0].read_bytes()

    def fail(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fdatasync", fail)
    with pytest.raises(OSError, match="Input/output"):
        writer.append([REQUEST])
    assert listing(tmp_path)[0].read_bytes() == before
    monkeypatch.setattr(os, "ftruncate", lambda *_: fail(0))
    with pytest.raises(OSError, match="Input/output"):
        writer.append([REQUEST])
    monkeypatch.undo()
    writer.append([{**REQUEST, "request_id": "again"}])
    assert kinds(tmp_path) == ["start", "request", "request"]
    assert whole(tmp_path)
