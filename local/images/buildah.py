"""Builds with Buildah, in a storage of its own that is gone afterwards."""

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

from local.images import archive as archives
from local.images import commands, mounts

_PIP_CACHE = "/var/cache/pip"
_PIP_CONFIGURATION = "/etc/pip.conf"
_CA_BUNDLE = "/run/host-ca.crt"
_STORAGE_GIB = 6
"""Three times what the largest image takes while it is built."""
_MEMORY_GIB = 10
"""Memory that must be free before the storage is kept there."""


class Buildah:
    """Buildah as root, without containers of another engine: chroot isolation, overlay storage below `cache`."""

    def __init__(self, cache: Path) -> None:
        self._storage = cache / "storage"
        self._pip_cache = cache / "pip"

    def __enter__(self) -> "Buildah":
        self._clear()  # what a killed run left
        self._storage.mkdir(parents=True)
        self._pip_cache.mkdir(exist_ok=True)
        if _available_memory_gib() >= _MEMORY_GIB:
            # A hundred thousand files live there for a minute: on a disk, removing them takes longer than making them.
            mounts.mount_memory(self._storage, size_gib=_STORAGE_GIB)
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def pull(self, reference: str, archive: Path) -> bool:
        """See `Engine`."""
        if not commands.succeeds(self._command("manifest", "inspect", reference), timeout_s=10):
            return False
        self._run("pull", "--quiet", reference)
        directory = self._storage / "pulled"
        self._run("push", "--quiet", "--format=oci", reference, f"dir:{directory}")
        archives.of_directory(archive, directory=directory)
        return True

    def load(self, archive: Path, reference: str) -> None:
        """See `Engine`."""
        identifier = self._run("pull", "--quiet", f"oci-archive:{archive}").strip()
        self._run("tag", identifier, reference)

    def build(self, dockerfile: Path, *, context: Path, archive: Path) -> None:
        """See `Engine`. Times are fixed, so that the same input gives the same digest."""
        # Straight into a directory, because committing to the storage would unpack every layer once more.
        directory = self._storage / "committed"
        self._run(
            "build",
            "--quiet",
            "--isolation=chroot",
            "--pull=never",
            "--timestamp=0",
            f"--tag=dir:{directory}",
            *self._volumes(os.environ),
            f"--file={dockerfile}",
            str(context),
        )
        archives.of_directory(archive, directory=directory)
        shutil.rmtree(directory)

    def _volumes(self, environment: Mapping[str, str]) -> list[str]:
        """What RUN steps see of this machine, and the image does not keep: how pip reaches its index, and its cache."""
        lines = ["[global]", f"cache-dir = {_PIP_CACHE}", "disable-pip-version-check = true"]
        volumes = [f"--volume={self._pip_cache}:{_PIP_CACHE}"]
        bundle = environment.get("PIP_CERT") or environment.get("SSL_CERT_FILE")
        if bundle and Path(bundle).is_file():
            lines.append(f"cert = {_CA_BUNDLE}")
            volumes.append(f"--volume={Path(bundle).resolve()}:{_CA_BUNDLE}:ro")
        for option in ("index-url", "extra-index-url"):
            if value := environment.get(f"PIP_{option.replace('-', '_').upper()}"):
                lines.append(f"{option} = {value}")
        configuration = self._storage / "pip.conf"
        configuration.write_text("\n".join(lines) + "\n")
        return [*volumes, f"--volume={configuration}:{_PIP_CONFIGURATION}:ro"]

    def _command(self, *arguments: str) -> list[str]:
        root, runroot = self._storage / "root", self._storage / "run"
        return [
            "buildah",
            f"--root={root}",
            f"--runroot={runroot}",
            "--storage-driver=overlay",
            "--storage-opt=overlay.skip_mount_home=true",
            *arguments,
        ]

    def _run(self, *arguments: str) -> str:
        # Intermediate files are as large as the images: they belong on the disk of the cache, not in /tmp.
        environment = os.environ | {"TMPDIR": str(self._storage)}
        return commands.run(self._command(*arguments), environment=environment, contained=True)

    def _clear(self) -> None:
        mounts.unmount_below(self._storage)
        shutil.rmtree(self._storage, ignore_errors=True)


def _available_memory_gib() -> float:
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", Path("/proc/meminfo").read_text(), re.MULTILINE)
    return int(found[1]) / 2**20 if found else 0.0
