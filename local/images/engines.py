"""What builds images: a Docker engine where one answers, else Buildah."""

import shutil
from functools import cache
from pathlib import Path
from typing import Protocol

from local.errors import LocalError
from local.images import commands
from local.images.buildah import Buildah
from local.images.docker import Docker

_BUILDAH_PACKAGES = ("buildah", "mmdebstrap")


class Engine(Protocol):
    """Builds images into OCI archives. Used as a context manager: what it keeps between builds is gone at the end."""

    def __enter__(self) -> "Engine": ...

    def __exit__(self, *_: object) -> None: ...

    def pull(self, reference: str, archive: Path) -> bool:
        """Pull an image and write it to `archive`; False where no registry answers within seconds."""
        ...

    def load(self, archive: Path, reference: str) -> None:
        """Make the image in `archive` the one that Dockerfiles call `reference`."""
        ...

    def build(self, dockerfile: Path, *, context: Path, archive: Path) -> None:
        """Build a Dockerfile and write the image to `archive`; raises LocalError with the builder's last words."""
        ...


@cache
def docker_answers() -> bool:
    """Whether a Docker engine answers on this machine."""
    return shutil.which("docker") is not None and commands.succeeds(["docker", "info"], timeout_s=5)


def packages() -> tuple[str, ...]:
    """The Debian packages that building takes here."""
    return () if docker_answers() else _BUILDAH_PACKAGES


def choose(cache: Path) -> Engine:
    """The engine of this machine, keeping what it must below `cache`; raises LocalError where there is none."""
    if docker_answers():
        return Docker()
    missing = [package for package in _BUILDAH_PACKAGES if shutil.which(package) is None]
    if missing:
        raise LocalError(f"Images cannot be built: run `apt-get install --no-install-recommends {' '.join(missing)}`.")
    return Buildah(cache)
