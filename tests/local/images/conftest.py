"""Stand-ins for the programs that build images."""

import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from local.images import archive

Program = Callable[[str, str], None]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Puts a shell script of a name before all others on PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def add(name: str, script: str) -> None:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    return add


@pytest.fixture
def oci_archive(tmp_path: Path) -> Path:
    """A small, valid image."""
    rootfs = tmp_path / "rootfs.tar"
    with tarfile.open(rootfs, "w") as tar:
        tar.addfile(tarfile.TarInfo("etc"))
    target = tmp_path / "image.tar"
    archive.of_rootfs(target, rootfs=rootfs, environment={"PATH": "/bin"})
    return target
