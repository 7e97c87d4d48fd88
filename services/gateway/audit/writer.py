"""Appends records to a chain on the volume, each durable when `append` returns."""

import errno
import fcntl
import os
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.gateway.audit.chain import Head, before_first, seal
from services.gateway.audit.segments import SUFFIX, Tail, fsync_folder, listing, segment_name, tail

SEGMENT_BYTES = 8 * 1_048_576
"""The next segment begins here: the collector's receipt frees whole segments."""
Fields = Mapping[str, Any]
_LOOKS = 50
_LOOK_AGAIN_S = 0.002


@dataclass(frozen=True)
class Volume:
    """Where the chains lie, and how much they may take: less than at which the kubelet would evict the pod."""

    folder: Path
    max_bytes: int
    segment_bytes: int = SEGMENT_BYTES


@dataclass
class _Segment:
    path: Path
    descriptor: int
    size: int = 0
    """Bytes that are durable; there are no others when nobody appends."""


@dataclass
class _Left:
    """What an earlier process left on the volume."""

    head: Head | None = None
    broken: str | None = None
    torn: list[tuple[Path, Tail]] = field(default_factory=list)


class ChainWriter:
    """One chain, begun with the first append. For one thread.

    An append that fails leaves nothing of itself and may be tried again. `start` gives the fields of the start record;
    it is called once the volume was looked at, with the name of the chain before, which the new one has to sort behind.
    """

    def __init__(self, volume: Volume, *, name: Callable[[str], str], start: Callable[[], Fields]) -> None:
        self._volume = volume
        self._name = name
        self._start = start
        self._segment: _Segment | None = None
        self._used = volume.max_bytes
        """At most so much of the volume is taken; counted anew when that would be too much."""
        self._uncut: list[tuple[Path, Tail]] = []
        self.head: Head | None = None
        """The last durable record; None before the first."""

    def append(self, records: Sequence[Fields]) -> None:
        """Write the records and return when they are durable; OSError, and nothing written, when they can't be."""
        if self.head is None:
            self._begin()
        self._cut()
        if records:
            assert self.head  # _begin has set it
            content, head = _sealed(records, self.head)
            self._write(content, head, first=self.head.sequence + 1)

    def ends_with_head(self) -> bool:
        """Whether the volume's last record is the head. For any thread."""
        for _ in range(_LOOKS):
            segment, head = self._segment, self.head
            if segment is None:
                return head is None
            if _tail_when_durable(segment.path) == head and self.head == head:
                return True
            time.sleep(_LOOK_AGAIN_S)  # records came meanwhile
        return False

    def close(self) -> None:
        """Let go of the file."""
        if self._segment:
            os.close(self._segment.descriptor)
            self._segment = None

    def _begin(self) -> None:
        """Begin the chain after what is there, with a record for each line that a kill tore: none is dropped in silence."""
        left = _left(self._volume.folder)
        previous = listing(self._volume.folder)
        chain = self._name(previous[-1].name if previous else "")
        start = {
            **self._start(),
            "kind": "start",
            "continues": left.head.as_json() if left.head else None,
            "broken": left.broken,
        }
        torn = [
            {"kind": "torn", "file": path.name, "at": found.whole_bytes, "content": found.torn.decode("latin-1")}
            for path, found in left.torn
        ]
        content, head = _sealed([start, *torn], before_first(chain))
        self._write(content, head, first=0)
        self._uncut = left.torn

    def _cut(self) -> None:
        """Take torn lines off the files that they are in, now that they are on record."""
        while self._uncut:
            path, found = self._uncut[0]
            with suppress(FileNotFoundError), path.open("r+b") as file:
                file.truncate(found.whole_bytes)
                os.fsync(file.fileno())
            self._uncut.pop(0)

    def _write(self, content: bytes, head: Head, *, first: int) -> None:
        self._check_room(len(content))
        segment, new = self._segment, False
        if segment is None or (segment.size and segment.size + len(content) > self._volume.segment_bytes):
            segment, new = self._create(segment_name(head.chain, first)), True
        try:
            _durably(segment, content)
            if new:
                fsync_folder(self._volume.folder)
        except OSError:
            if new:
                os.close(segment.descriptor)
                segment.path.unlink(missing_ok=True)
            raise
        if new:
            self.close()
            self._segment = segment
        self.head = head

    def _create(self, name: str) -> _Segment:
        path = self._volume.folder / name
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        path.unlink(missing_ok=True)  # of an attempt that failed
        return _Segment(path, os.open(path, flags, 0o640))

    def _check_room(self, more: int) -> None:
        self._used += more
        if self._used > self._volume.max_bytes:
            self._used = more + sum(_size(path) for path in self._volume.folder.glob(f"*{SUFFIX}"))
        if self._used > self._volume.max_bytes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _sealed(records: Sequence[Fields], after: Head) -> tuple[bytes, Head]:
    lines = []
    for record in records:
        line, after = seal(record, after)
        lines.append(line)
    return b"".join(lines), after


def _tail_when_durable(path: Path) -> Head | None:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return tail(path).head
    except OSError:
        return None


def _durably(segment: _Segment, content: bytes) -> None:
    """Append all of it or nothing. Whoever holds the file's lock sees nothing that is not durable yet."""
    descriptor = segment.descriptor
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        if os.fstat(descriptor).st_size != segment.size:  # an append failed, and taking it back did too
            os.ftruncate(descriptor, segment.size)
        left = memoryview(content)
        while left:
            left = left[os.write(descriptor, left) :]
        os.fdatasync(descriptor)
        segment.size += len(content)
    except OSError:
        os.ftruncate(descriptor, segment.size)
        os.fsync(descriptor)
        raise
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _left(folder: Path) -> _Left:
    """What earlier processes left, newest first, back to the last whole line."""
    left = _Left()
    for path in reversed(listing(folder)):
        found = tail(path)
        if found.torn:
            left.torn.insert(0, (path, found))
        if found.broken:
            left.broken = path.name
        if found.whole_bytes:
            left.head = found.head
            break
    return left


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # the collector has it now
        return 0
