"""The mounts of a builder."""

import re
from pathlib import Path

from local.images import commands


def below(directory: Path, *, mountinfo: str) -> list[str]:
    """The mount points at or below `directory`, the innermost and latest first; `mountinfo` as in proc(5)."""
    points = [_unescaped(line.split()[4]) for line in mountinfo.splitlines()]
    return [point for point in reversed(points) if Path(point).is_relative_to(directory)]


def mount_memory(directory: Path, *, size_gib: int) -> None:
    """Mount a file system in memory at `directory`, for root only."""
    commands.run(["mount", "-t", "tmpfs", "-o", f"size={size_gib}g,mode=0700", "private-inference", str(directory)])


def unmount_below(directory: Path) -> None:
    """Unmount everything at or below `directory`, in use or not."""
    for point in below(directory.resolve(), mountinfo=Path("/proc/self/mountinfo").read_text()):
        commands.run(["umount", "--lazy", point])


def _unescaped(path: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), path)
