"""What of a volume's records was shipped, and what is next. For one process beside the writer's."""

import fcntl
import json
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from services.gateway.audit.segments import fsync_folder, listing

BATCH_BYTES = 4 * 1_048_576
_POSITION = "shipped.json"


@dataclass(frozen=True)
class Batch:
    """Whole lines of one segment. `receipt` is what the collector answers when it has them."""

    segment: str
    end: int
    content: bytes

    @property
    def receipt(self) -> str:
        """SHA-256 of the content."""
        return sha256(self.content).hexdigest()


class Shipping:
    """Goes through the segments in order; frees those that were shipped, but for the newest."""

    def __init__(self, folder: Path) -> None:
        """A position that was lost or can't be read begins anew: records are then shipped twice, never not at all."""
        self._folder = folder
        self._segment, self._offset = _load(folder / _POSITION)
        self._offered: Batch | None = None

    def next(self) -> Batch | None:
        """The next durable records; None when all were shipped. Raises OSError."""
        for path in listing(self._folder):
            if path.name < self._segment:
                continue
            offset = self._offset if path.name == self._segment else 0
            if content := _durable(path, offset):
                self._offered = Batch(path.name, offset + len(content), content)
                return self._offered
        return None

    def received(self, receipt: str) -> bool:
        """Go on behind the batch that was offered last; False where the receipt is not its own. Raises OSError."""
        if self._offered is None or receipt != self._offered.receipt:
            return False
        self._segment, self._offset, self._offered = self._offered.segment, self._offered.end, None
        for path in listing(self._folder)[:-1]:  # first: on a full volume there is no room to save the position before
            if path.name < self._segment:
                path.unlink(missing_ok=True)
        self._save()
        return True

    def _save(self) -> None:
        aside = self._folder / f"{_POSITION}.new"
        with aside.open("w") as file:
            json.dump({"segment": self._segment, "offset": self._offset}, file)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(self._folder / _POSITION)
        fsync_folder(self._folder)


def _load(path: Path) -> tuple[str, int]:
    try:
        match json.loads(path.read_bytes()):
            case {"segment": str(segment), "offset": int(offset)}:
                return segment, offset
    except (OSError, ValueError):
        pass
    return "", 0


def _durable(path: Path, offset: int) -> bytes:
    """Whole lines from `offset` on. The writer holds the lock while it writes; one that was killed left lines unsynced."""
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        os.fsync(file.fileno())
        size = os.fstat(file.fileno()).st_size
        fcntl.flock(file, fcntl.LOCK_UN)
        file.seek(offset)
        content = file.read(min(size - offset, BATCH_BYTES)) if size > offset else b""
    return content[: content.rfind(b"\n") + 1]
