"""The files that chains lie in: on the volume one after another, in the archive as objects.

<chain>.<first sequence>.jsonl                              on the volume
<chain>/<first sequence>-<last sequence>-<last hash>.jsonl  in the archive
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from services.gateway.audit.chain import BrokenLineError, Head, parse

SUFFIX = ".jsonl"
_SEGMENT = re.compile(r"(?P<chain>.+)\.(?P<first>[0-9]{12})\.jsonl")
_ARCHIVED = re.compile(r"(?P<first>[0-9]{12})-(?P<last>[0-9]{12})-(?P<hash>[0-9a-f]{64})\.jsonl")
_STEP = 65_536


@dataclass(frozen=True)
class Named:
    """What a file's name says of its content; None where it says nothing."""

    chain: str | None = None
    first: int | None = None
    last: int | None = None
    hash: str | None = None


def segment_name(chain: str, first: int) -> str:
    """Of a file on the volume that begins with this record. Names sort by the order of writing."""
    return f"{chain}.{first:012d}{SUFFIX}"


def archive_name(first: int, last: Head) -> str:
    """Of an object with the records up to `last`: it anchors them where nobody can change names."""
    return f"{last.chain}/{first:012d}-{last.sequence:012d}-{last.hash}{SUFFIX}"


def named(path: Path) -> Named:
    """What the name says."""
    if match := _ARCHIVED.fullmatch(path.name):
        return Named(path.parent.name, int(match["first"]), int(match["last"]), match["hash"])
    if match := _SEGMENT.fullmatch(path.name):
        return Named(match["chain"], int(match["first"]))
    return Named()


def listing(folder: Path) -> list[Path]:
    """The volume's segments in the order of writing."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if _SEGMENT.fullmatch(path.name))


def fsync_folder(folder: Path) -> None:
    """Make new and removed names durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True)
class Tail:
    """The end of a segment: its last whole record, and what a killed writer left behind that."""

    head: Head | None
    """None where there is no whole line, or the last one is broken."""
    broken: bool
    whole_bytes: int
    torn: bytes


def tail(path: Path) -> Tail:
    """Read from the end, so that a large segment costs nothing."""
    content, start = b"", path.stat().st_size
    with path.open("rb") as file:
        while start and content.count(b"\n") < 2:
            step = min(_STEP, start)
            start -= step
            file.seek(start)
            content = file.read(step) + content
    whole, feed, torn = content.rpartition(b"\n")
    size = start + len(whole) + len(feed)
    if not feed:
        return Tail(None, False, size, torn)
    try:
        return Tail(parse(whole.rpartition(b"\n")[2] + feed).head, False, size, torn)
    except BrokenLineError:
        return Tail(None, True, size, torn)
