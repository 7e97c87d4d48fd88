"""OCI archives."""

import hashlib
import json
import tarfile
from pathlib import Path

import pytest

from local.images import archive


def blobs(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {name: member.read() for name in tar.getnames() if (member := tar.extractfile(name))}


def test_every_blob_is_named_by_its_digest_and_reached_from_the_index(oci_archive: Path) -> None:
    """From index to manifest to configuration and layer; the layer's digest is its diff id, so it is uncompressed."""
    files = blobs(oci_archive)
    for name, content in files.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"
    manifest = json.loads(files[f"blobs/{archive.digest_of(oci_archive).replace(':', '/')}"])
    config = json.loads(files[f"blobs/{manifest['config']['digest'].replace(':', '/')}"])
    layer = manifest["layers"][0]
    assert config["rootfs"]["diff_ids"] == [layer["digest"]]
    assert len(files[f"blobs/{layer['digest'].replace(':', '/')}"]) == layer["size"]
    assert json.loads(files["oci-layout"]) == {"imageLayoutVersion": "1.0.0"}


def test_the_same_input_gives_the_same_bytes(oci_archive: Path, tmp_path: Path) -> None:
    """An archive holds no time of its own."""
    again = tmp_path / "again.tar"
    archive.of_rootfs(again, rootfs=tmp_path / "rootfs.tar", environment={"PATH": "/bin"})
    assert again.read_bytes() == oci_archive.read_bytes()


def test_takes_over_a_builders_directory_byte_for_byte(oci_archive: Path, tmp_path: Path) -> None:
    """The digest stays the one that the builder's manifest has."""
    directory = tmp_path / "committed"
    directory.mkdir()
    digest = archive.digest_of(oci_archive)
    for name, content in blobs(oci_archive).items():
        if name.startswith("blobs/"):
            hexadecimal = name.rpartition("/")[2]
            target = "manifest.json" if digest.endswith(hexadecimal) else hexadecimal
            (directory / target).write_bytes(content)
    packed = tmp_path / "packed.tar"
    archive.of_directory(packed, directory=directory)
    assert blobs(packed) == blobs(oci_archive)


def test_refuses_an_archive_of_two_images(oci_archive: Path, tmp_path: Path) -> None:
    """One digest names one image."""
    several = tmp_path / "several.tar"
    (tmp_path / "index.json").write_text(json.dumps({"manifests": [{"digest": "sha256:a"}, {"digest": "sha256:b"}]}))
    with tarfile.open(several, "w") as tar:
        tar.add(tmp_path / "index.json", "index.json")
    with pytest.raises(ValueError, match="holds 2 images"):
        archive.digest_of(several)
