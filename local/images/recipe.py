"""The images, and the cache key of each: the hash of everything that goes into it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

BASE = "docker.io/library/python:3.11-slim-bookworm"
"""The base that the Dockerfiles name."""
_VERSION = "1"
"""Change it when the way of building changes what comes out."""
_COPY = re.compile(r"^(?:COPY|ADD)\s+(?!.*--from=)(?:--\S+\s+)*(.+)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One image: its name, and its Dockerfile relative to the repository, which is the build's context."""

    name: str
    dockerfile: str

    def key(self, repo: Path, *, base: str) -> str:
        """16 hex digits that change with the Dockerfile, with any file that it copies, and with the base's digest."""
        total = hashlib.sha256(f"{_VERSION} {base}\n".encode())
        for path in [repo / self.dockerfile, *self._copied(repo)]:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            total.update(f"{path.relative_to(repo)} {path.stat().st_mode & 0o111:o} {content}\n".encode())
        return total.hexdigest()[:16]

    def _copied(self, repo: Path) -> Iterator[Path]:
        text = (repo / self.dockerfile).read_text().replace("\\\n", " ")
        for arguments in _COPY.findall(text):
            for source in arguments.split()[:-1]:
                yield from _files(repo / source, named_in=self.dockerfile)


def _files(source: Path, *, named_in: str) -> list[Path]:
    if source.is_dir():
        return sorted(path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    if not source.is_file():
        raise LocalError(f"{named_in} copies {source.name}, which this clone lacks: restore it with `git checkout`.")
    return [source]


RECIPES = (
    Recipe(name="fastapi-svc", dockerfile="services/fastapi_svc/Dockerfile"),
    Recipe(name="triton", dockerfile="services/triton/Dockerfile.cpu"),
    Recipe(name="gateway", dockerfile="services/gateway/Dockerfile"),
    Recipe(name="tls-proxy", dockerfile="services/tls_proxy/Dockerfile"),
    Recipe(name="k6", dockerfile="loadtests/Dockerfile"),
)
