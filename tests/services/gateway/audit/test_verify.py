"""Whatever is done to a trail afterwards shows."""

import json
import random
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from services.gateway.audit.chain import Head, parse, seal
from services.gateway.audit.segments import archive_name, listing
from services.gateway.audit.verify import anchors, verify
from tests.services.gateway.audit.trail import write_chain

Lines = list[bytes]
RANDOM = random.Random(164312)


def only(folder: Path) -> Path:
    """The one segment in a folder."""
    (path,) = listing(folder)
    return path


def faults(*paths: Path, **options: Any) -> list[str]:
    return [str(fault) for fault in verify(paths, **options).faults]


def resealed(lines: Lines) -> Lines:
    """The lines with hashes that fit again, as somebody with the code would write them."""
    head, made = Head(parse(lines[0]).head.chain, -1, "0" * 64), []
    for line in lines:
        members = json.loads(line)
        fields = {
            name: value for name, value in members.items() if name not in ("chain", "sequence", "previous", "hash")
        }
        sealed, head = seal(fields, head)
        made.append(sealed)
    return made


def edit(lines: Lines, at: int) -> Lines:
    """One byte of a line is another one."""
    line = bytearray(lines[at])
    place = RANDOM.randrange(len(line) - 1)
    line[place] ^= 1 << RANDOM.randrange(7)
    return [*lines[:at], bytes(line), *lines[at + 1 :]]


def edit_with_hash(lines: Lines, at: int) -> Lines:
    """A record is changed, and its own hash made to fit."""
    changed = lines[at][:-77].replace(b'"kind"', b'"kinb"') + b"}"
    return [*lines[:at], changed[:-1] + b',"hash":"%b"}\n' % sha256(changed).hexdigest().encode(), *lines[at + 1 :]]


def delete(lines: Lines, at: int) -> Lines:
    return lines[:at] + lines[at + 1 :]


def insert(lines: Lines, at: int) -> Lines:
    """A line of somebody's own, made after the one before."""
    sealed, _ = seal({"kind": "request", "request_id": "forged"}, parse(lines[at]).head)
    return [*lines[: at + 1], sealed, *lines[at + 1 :]]


def repeat(lines: Lines, at: int) -> Lines:
    return [*lines[: at + 1], lines[at], *lines[at + 1 :]]


def swap(lines: Lines, at: int) -> Lines:
    return [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]


def cut(lines: Lines, at: int) -> Lines:
    """A line loses its end."""
    return [*lines[:at], lines[at][: RANDOM.randrange(1, len(lines[at]))], *lines[at + 1 :]]


def blank(lines: Lines, at: int) -> Lines:
    return [*lines[:at], b"\n", *lines[at:]]


@pytest.mark.parametrize("change", [edit, edit_with_hash, delete, insert, repeat, swap, cut, blank])
def test_a_changed_trail_is_found_at_the_record_that_is_broken(
    tmp_path: Path, change: Callable[[Lines, int], Lines]
) -> None:
    """Wherever it is changed (but at its very end, see below), the line is named, or the one that can't follow it."""
    write_chain(tmp_path, 3, 1, 7, 1)
    path = only(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    assert faults(path) == []
    for _ in range(200):
        at = RANDOM.randrange(len(lines) - 2)
        path.write_bytes(b"".join(change(lines, at)))
        first = faults(path)[0]
        assert first.startswith(tuple(f"{path}:{number}: " for number in (at + 1, at + 2, at + 3)))


def test_bytes_at_random_are_found(tmp_path: Path) -> None:
    """Bytes overwritten, taken out and put in at random, up to a line at a time."""
    write_chain(tmp_path, 2, 5, 1, end=True)
    path = only(tmp_path)
    content = path.read_bytes()
    for _ in range(500):
        start = RANDOM.randrange(len(content))
        gone, put = RANDOM.randrange(400), RANDOM.randbytes(RANDOM.randrange(3))
        changed = content[:start] + put + content[start + gone :]
        path.write_bytes(changed)
        cut_at_the_end = content.startswith(changed) and changed.endswith(b"\n")
        assert bool(faults(path)) == (changed != content and not cut_at_the_end)


def test_a_trail_cut_off_at_a_record_is_found_by_its_anchors(tmp_path: Path) -> None:
    """Heads in the operational log, among other lines."""
    write_chain(tmp_path, 9)
    path = only(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    head = parse(lines[6]).head
    log = f"INFO started\nINFO x: Audit anchor: chain {head.chain} sequence {head.sequence} hash {head.hash}\nmore"
    known = list(anchors([log]))
    assert known == [head]
    for kept in range(1, len(lines)):
        path.write_bytes(b"".join(lines[:kept]))
        found = faults(path, known=known)
        assert found == ([f"anchor: record 6 of chain {head.chain} is missing"] if kept < 7 else [])


def test_a_trail_written_anew_is_found_by_its_anchors(tmp_path: Path) -> None:
    """All hashes fit, and the anchored one is not among them."""
    write_chain(tmp_path, 9)
    path = only(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    head = parse(lines[-1]).head
    path.write_bytes(b"".join(resealed([*lines[:4], *lines[5:]])))
    assert faults(path) == []
    assert faults(path, known=[head]) == [f"anchor: record 9 of chain {head.chain} is missing"]
    path.write_bytes(b"".join(resealed([*lines[:4], lines[4].replace(b"r3", b"r9"), *lines[5:]])))
    assert faults(path, known=[head]) == [f"anchor: record 9 of chain {head.chain} is another one there"]


def test_an_earlier_chain_is_held_by_the_next_ones_start(tmp_path: Path) -> None:
    """Cut off, grown or gone: the start record of the chain after it says where it ended."""
    first = write_chain(tmp_path, 4)
    second = write_chain(tmp_path, 1)
    path = listing(tmp_path)[0]
    lines = path.read_bytes().splitlines(keepends=True)
    assert faults(tmp_path) == []
    path.write_bytes(b"".join(lines[:-1]))
    assert faults(tmp_path) == [f"the start of chain {second}: record 4 of chain {first} is missing"]
    more, _ = seal({"kind": "request"}, parse(lines[-1]).head)
    path.write_bytes(b"".join([*lines, more]))
    assert "more were added" in faults(tmp_path)[0]
    path.unlink()
    assert faults(tmp_path) == [f"the start of chain {second}: record 4 of chain {first} is missing"]
    assert faults(tmp_path, partial=True) == []


def test_two_trails_spliced_are_found(tmp_path: Path) -> None:
    """A file that goes on with another's records."""
    for name in "ab":
        (tmp_path / name).mkdir()
        write_chain(tmp_path / name, 6)
    a, b = only(tmp_path / "a"), only(tmp_path / "b")
    lines = a.read_bytes().splitlines(keepends=True)
    others = b.read_bytes().splitlines(keepends=True)
    for kept in range(1, len(lines)):
        a.write_bytes(b"".join([*lines[:kept], *others[kept:]]))
        assert faults(a)[0].startswith(f"{a}:{kept + 1}: ")
        assert "another chain" in faults(a)[0]


def test_a_missing_or_renamed_segment_is_found(tmp_path: Path) -> None:
    """Segments of one chain belong together, in their order."""
    write_chain(tmp_path, *[4] * 6, segment_bytes=1500)
    paths = listing(tmp_path)
    assert len(paths) > 3
    assert faults(tmp_path) == []
    for path in paths[:-1]:
        content = path.read_bytes()
        path.unlink()
        assert len(faults(tmp_path)) == 1
        path.write_bytes(content)
    paths[1].rename(paths[1].with_name(paths[1].name.replace(".0000", ".0009")))
    assert "the name" in faults(tmp_path)[0]


def test_objects_of_the_archive_are_anchored_by_their_names(tmp_path: Path) -> None:
    """First and last record and its hash are in the name; an object that was cut off is not what it says."""
    write_chain(tmp_path, 9)
    lines = only(tmp_path).read_bytes().splitlines(keepends=True)
    archive = tmp_path / "archive"
    for first, last in ((0, 3), (2, 6), (7, 9)):  # shipped twice in part: a receipt was lost
        path = archive / archive_name(first, parse(lines[last]).head)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(lines[first : last + 1]))
    assert faults(archive) == []
    assert verify([archive]).records == 10
    path.write_bytes(b"".join(lines[7:9]))
    assert "is not the last one" in faults(archive)[0]
    path.unlink()
    assert faults(archive, known=[parse(lines[9]).head]) != []


def test_shipped_twice_and_not_the_same_is_found(tmp_path: Path) -> None:
    """Two objects with the same record have to agree."""
    write_chain(tmp_path, 5)
    lines = only(tmp_path).read_bytes().splitlines(keepends=True)
    (tmp_path / "copy.jsonl").write_bytes(b"".join(resealed([*lines[:4], lines[4].replace(b"r3", b"r8")])))
    assert "there are two records 4" in faults(tmp_path)[0]


def test_a_beginning_that_is_missing_is_found_unless_it_is_elsewhere(tmp_path: Path) -> None:
    """A volume whose first segments were shipped is partial."""
    write_chain(tmp_path, *[4] * 6, segment_bytes=1500)
    listing(tmp_path)[0].unlink()
    assert "those before it are missing" in faults(tmp_path)[0]
    assert faults(tmp_path, partial=True) == []
