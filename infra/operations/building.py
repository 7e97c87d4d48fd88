"""Images from Dockerfiles, with Docker or Buildah."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.operations.errors import OperationError
from infra.operations.programs import Login, call

PLATFORM = "linux/amd64"
"""Of the nodes: both pools have x86_64 images."""


class Builder(Protocol):
    """Builds into a store of its own, and pushes from there."""

    def build(self, dockerfile: Path, *, context: Path) -> str:
        """Identity of the image in the store: `sha256:` and 64 digits that change with its content."""
        ...

    def push(self, image: str, reference: str, login: Login) -> None:
        """Pushes an image of the store under `reference`."""
        ...


@dataclass(frozen=True)
class Docker:
    """A Docker engine."""

    def build(self, dockerfile: Path, *, context: Path) -> str:
        """See `Builder`."""
        with tempfile.TemporaryDirectory() as scratch:
            identity = Path(scratch) / "image"
            # Attestations are images too, beside the one that runs; a time in one would change the digest at each build.
            options = [f"--platform={PLATFORM}", "--provenance=false", f"--iidfile={identity}", f"--file={dockerfile}"]
            call(["docker", "build", "--quiet", *options, str(context)])
            return identity.read_text().strip()

    def push(self, image: str, reference: str, login: Login) -> None:
        """See `Builder`."""
        call(["docker", "tag", image, reference])
        call(["docker", "push", "--quiet", reference], docker_config=login.folder)


@dataclass(frozen=True)
class Buildah:
    """Buildah, without an engine."""

    def build(self, dockerfile: Path, *, context: Path) -> str:
        """See `Builder`."""
        with tempfile.TemporaryDirectory() as scratch:
            identity = Path(scratch) / "image"
            options = [f"--platform={PLATFORM}", "--layers", f"--iidfile={identity}", f"--file={dockerfile}"]
            call(["buildah", "build", "--quiet", *options, str(context)])
            return identity.read_text().strip()

    def push(self, image: str, reference: str, login: Login) -> None:
        """See `Builder`."""
        call(["buildah", "push", "--quiet", f"--authfile={login.file}", image, f"docker://{reference}"])


def choose() -> Builder:
    """A Docker engine that answers, else Buildah; raises OperationError where there is neither."""
    if shutil.which("docker") and _answers():
        return Docker()
    if shutil.which("buildah"):
        return Buildah()
    raise OperationError(
        "No Docker engine answers, and there is no buildah on PATH to build images: install one of them."
    )


def _answers() -> bool:
    try:
        call(["docker", "info"])
    except OperationError:
        return False
    return True
