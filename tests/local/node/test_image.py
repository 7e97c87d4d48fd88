"""Images written without an image builder."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from local.errors import LocalError
from local.node import images
from local.node.image import ProgramImage, manifest_digest
from local.node.layout import Layout


def program(directory: Path, content: bytes = b"program") -> Path:
    path = directory / "built"
    path.write_bytes(content)
    return path


def oci_archive(path: Path, *digests: str) -> Path:
    index = json.dumps({"manifests": [{"digest": digest} for digest in digests]}).encode()
    with tarfile.open(path, "w") as tar:
        entry = tarfile.TarInfo("index.json")
        entry.size = len(index)
        tar.addfile(entry, io.BytesIO(index))
    return path


def test_the_archive_holds_what_its_manifest_says(tmp_path: Path) -> None:
    """One executable layer whose digest the configuration names, run as a user without rights."""
    image = ProgramImage(name="pause", program=program(tmp_path))
    image.write(tmp_path / "image.tar")
    with tarfile.open(tmp_path / "image.tar") as tar:
        contents = {entry.name: tar.extractfile(entry).read() for entry in tar}  # type: ignore[union-attr]
    (manifest,) = json.loads(contents["manifest.json"])
    configuration = json.loads(contents[manifest["Config"]])
    layer = contents[manifest["Layers"][0]]
    with tarfile.open(fileobj=io.BytesIO(layer)) as tar:
        (entry,) = tar.getmembers()
    assert manifest["RepoTags"] == [image.reference]
    assert configuration["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(layer).hexdigest()}"]
    assert configuration["config"] == {"Entrypoint": ["/pause"], "User": "65532:65532"}
    assert (entry.name, entry.mode) == ("pause", 0o755)


def test_the_same_program_makes_the_same_archive_and_another_makes_another_tag(tmp_path: Path) -> None:
    """So an image is imported once, and again only when it changed."""
    first = ProgramImage(name="pause", program=program(tmp_path))
    first.write(tmp_path / "1.tar")
    reference = first.reference
    first.write(tmp_path / "2.tar")
    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()
    assert ProgramImage(name="pause", program=program(tmp_path, b"newer")).reference != reference


def test_the_digest_of_an_archive_is_its_manifests(tmp_path: Path) -> None:
    """An archive of several images has no digest of its own."""
    assert manifest_digest(oci_archive(tmp_path / "one.tar", "sha256:1")) == "sha256:1"
    with pytest.raises(ValueError, match="2 manifests"):
        manifest_digest(oci_archive(tmp_path / "two.tar", "sha256:1", "sha256:2"))


def test_an_image_must_be_named_by_digest(tmp_path: Path) -> None:
    """A tag could mean another image tomorrow."""
    with pytest.raises(LocalError, match="must be named by digest"):
        images.load(Layout(tmp_path), tmp_path / "image.tar", "registry.local/gateway:1")


@pytest.mark.parametrize("broken", [b"", b"no archive"])
def test_something_that_is_no_archive_is_refused(tmp_path: Path, broken: bytes) -> None:
    """The sentence names the file and what to do."""
    archive = tmp_path / "image.tar"
    archive.write_bytes(broken)
    with pytest.raises(LocalError, match=r"image\.tar is not an OCI archive of one image"):
        images.verify(archive, "registry.local/gateway@sha256:1")


def test_an_archive_of_another_image_is_refused(tmp_path: Path) -> None:
    """The digest that the cluster will ask for must be the one that is in the archive."""
    with pytest.raises(LocalError, match="holds sha256:2 and not"):
        images.verify(oci_archive(tmp_path / "image.tar", "sha256:2"), "registry.local/gateway@sha256:1")
