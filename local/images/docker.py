"""Builds with a Docker engine, through its command line."""

import tempfile
from pathlib import Path

from local.errors import LocalError
from local.images import archive as archives
from local.images import commands


class Docker:
    """The Docker engine that answers on this machine; it keeps its own images and layer cache."""

    def __enter__(self) -> "Docker":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def pull(self, reference: str, archive: Path) -> bool:
        """See `Engine`."""
        if not commands.succeeds(["docker", "manifest", "inspect", reference], timeout_s=10):
            return False
        commands.run(["docker", "pull", "--quiet", reference])
        self._save(reference, archive)
        return True

    def load(self, archive: Path, reference: str) -> None:
        """See `Engine`."""
        printed = commands.run(["docker", "load", "--quiet", "--input", str(archive)])
        commands.run(["docker", "tag", printed.strip().rpartition(" ")[2], reference])

    def build(self, dockerfile: Path, *, context: Path, archive: Path) -> None:
        """See `Engine`."""
        with tempfile.TemporaryDirectory() as scratch:
            identifier = Path(scratch) / "image"
            commands.run(
                ["docker", "build", "--quiet", f"--iidfile={identifier}", f"--file={dockerfile}", str(context)]
            )
            self._save(identifier.read_text(), archive)

    def _save(self, image: str, archive: Path) -> None:
        commands.run(["docker", "save", "--output", str(archive), image])
        try:
            archives.digest_of(archive)
        except (KeyError, ValueError):
            raise LocalError("This Docker engine saves no OCI archives: update it to version 25 or later.") from None
