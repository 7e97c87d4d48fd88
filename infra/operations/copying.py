"""Copies of images between registries, with crane or skopeo."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from infra.operations.programs import Login, call, first_on_path


class Copier(Protocol):
    """Reads from any registry and writes into the one that it is logged in to; an image means its whole index."""

    def digest(self, reference: str) -> str:
        """What the reference means now."""
        ...

    def copy(self, source: str, target: str, login: Login) -> None:
        """Copies all platforms, so that the digest stays the same."""
        ...

    def pull(self, reference: str, login: Login) -> None:
        """Fetches all of the image and keeps nothing of it."""
        ...


@dataclass(frozen=True)
class Crane:
    """https://github.com/google/go-containerregistry/tree/main/cmd/crane"""

    def digest(self, reference: str) -> str:
        """See `Copier`."""
        return call(["crane", "digest", reference]).decode().strip()

    def copy(self, source: str, target: str, login: Login) -> None:
        """See `Copier`."""
        call(["crane", "copy", source, target], docker_config=login.folder)

    def pull(self, reference: str, login: Login) -> None:
        """See `Copier`."""
        with tempfile.TemporaryDirectory() as scratch:
            call(["crane", "pull", "--format=oci", reference, scratch], docker_config=login.folder)


@dataclass(frozen=True)
class Skopeo:
    """https://github.com/containers/skopeo"""

    def digest(self, reference: str) -> str:
        """See `Copier`. A digest is the hash of the manifest as the registry sends it."""
        manifest = call(["skopeo", "inspect", "--raw", f"docker://{reference}"])
        return f"sha256:{hashlib.sha256(manifest).hexdigest()}"

    def copy(self, source: str, target: str, login: Login) -> None:
        """See `Copier`."""
        logins = [f"--dest-authfile={login.file}"]
        call(["skopeo", "copy", "--all", "--preserve-digests", *logins, f"docker://{source}", f"docker://{target}"])

    def pull(self, reference: str, login: Login) -> None:
        """See `Copier`."""
        with tempfile.TemporaryDirectory() as scratch:
            target = f"dir:{Path(scratch) / 'image'}"
            call(["skopeo", "copy", "--all", f"--src-authfile={login.file}", f"docker://{reference}", target])


def choose() -> Copier:
    """The program that is there; raises OperationError where neither is."""
    return Crane() if first_on_path(("crane", "skopeo"), what_for="copy images") == "crane" else Skopeo()
