"""OCI image archives (the image layout, in a tar file), uncompressed."""

import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, kw_only=True)
class BuiltImage:
    """An image in an OCI archive. `digest` (sha256:…) is its manifest's, the one that it is pulled and run by."""

    name: str
    archive: Path
    digest: str


def digest_of(archive: Path) -> str:
    """The digest of the one manifest that the archive's index lists; raises ValueError unless it is exactly one."""
    with tarfile.open(archive) as tar:
        index = tar.extractfile("index.json")
        manifests = json.load(index)["manifests"] if index else []
    if len(manifests) != 1:
        raise ValueError(f"{archive.name} holds {len(manifests)} images")
    return str(manifests[0]["digest"])


def of_rootfs(archive: Path, *, rootfs: Path, environment: dict[str, str]) -> None:
    """Write an image whose one layer is the tar file `rootfs`; the same input gives the same bytes."""
    with rootfs.open("rb") as layer:
        layer_digest = f"sha256:{hashlib.file_digest(layer, 'sha256').hexdigest()}"
    config = _json(
        {
            "created": EPOCH,
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": [f"{name}={value}" for name, value in environment.items()]},
            "rootfs": {"type": "layers", "diff_ids": [layer_digest]},
        }
    )
    manifest = _json(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _descriptor(_CONFIG, config),
            "layers": [{"mediaType": _LAYER, "digest": layer_digest, "size": rootfs.stat().st_size}],
        }
    )
    with rootfs.open("rb") as layer:
        _write(archive, manifest, [(_digest(config), io.BytesIO(config)), (layer_digest, layer)])


def of_directory(archive: Path, *, directory: Path) -> None:
    """Write the image that a builder left in `directory`: manifest.json, and each blob named by its hexadecimal digest.

    Builders compress the layers of the archives that they write themselves; for one machine that is time lost twice.
    """
    manifest = (directory / "manifest.json").read_bytes()
    parsed = json.loads(manifest)
    digests = [parsed["config"]["digest"], *dict.fromkeys(layer["digest"] for layer in parsed["layers"])]
    with ExitStack() as opened:
        files = [opened.enter_context((directory / name.removeprefix("sha256:")).open("rb")) for name in digests]
        _write(archive, manifest, list(zip(digests, files, strict=True)))


def _write(archive: Path, manifest: bytes, blobs: Sequence[tuple[str, IO[bytes]]]) -> None:
    index = _json({"schemaVersion": 2, "manifests": [_descriptor(_MANIFEST, manifest)]})
    with tarfile.open(archive, "w") as tar:
        _add(tar, "oci-layout", io.BytesIO(_json({"imageLayoutVersion": "1.0.0"})))
        _add(tar, "index.json", io.BytesIO(index))
        for name, content in [(_digest(manifest), io.BytesIO(manifest)), *blobs]:
            _add(tar, f"blobs/{name.replace(':', '/')}", content)


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _descriptor(media_type: str, blob: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": _digest(blob), "size": len(blob)}


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size = content.seek(0, io.SEEK_END)
    content.seek(0)
    tar.addfile(member, content)
