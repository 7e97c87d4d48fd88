"""Container images of one static program each, written without any image builder."""

import hashlib
import io
import json
import platform
import tarfile
from dataclasses import dataclass
from pathlib import Path

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True, kw_only=True)
class ProgramImage:
    """An image that holds one program, and nothing else. Another program makes another tag."""

    name: str
    program: Path
    user: str = "65532:65532"

    @property
    def reference(self) -> str:
        """Under which pods name it; no registry has that host, so it is never pulled."""
        return f"localhost/{self.name}:{self._digest()[:12]}"

    def write(self, archive: Path) -> None:
        """Write a docker-archive that is the same for the same program, whatever the time and the machine."""
        layer = _tar({self.name: (self.program.read_bytes(), 0o755)})
        config = json.dumps(
            {
                "architecture": _ARCHITECTURES[platform.machine()],
                "os": "linux",
                "config": {"Entrypoint": [f"/{self.name}"], "User": self.user},
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
            }
        ).encode()
        manifest = [{"Config": "config.json", "RepoTags": [self.reference], "Layers": ["layer.tar"]}]
        archive.parent.mkdir(parents=True, exist_ok=True)
        archive.write_bytes(
            _tar(
                {
                    "config.json": (config, 0o644),
                    "layer.tar": (layer, 0o644),
                    "manifest.json": (json.dumps(manifest).encode(), 0o644),
                }
            )
        )

    def _digest(self) -> str:
        return hashlib.sha256(self.user.encode() + self.program.read_bytes()).hexdigest()


def manifest_digest(archive: Path) -> str:
    """Digest (`sha256:…`) of the one manifest in an OCI archive; ValueError where there is not exactly one."""
    with tarfile.open(archive) as tar:
        index = tar.extractfile("index.json")
        manifests = json.load(index)["manifests"] if index else []
    if len(manifests) != 1:
        raise ValueError(f"{archive.name} holds {len(manifests)} manifests, not one")
    return str(manifests[0]["digest"])


def _tar(files: dict[str, tuple[bytes, int]]) -> bytes:
    """Times and owners stay zero: the archive depends on the files alone."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
