"""A container registry on loopback, over TLS: as much of the OCI distribution API as copying an image takes."""

import base64
import hashlib
import json
import re
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def digest_of(content: bytes) -> str:
    """As registries write it."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass
class Registry:
    """What lies in it: blobs by digest; media type and content of manifests by repository and tag or digest."""

    host: str = ""
    password: str | None = None
    """Where set, writes take `AWS:<password>`, as ECR's do."""
    blobs: dict[str, bytes] = field(default_factory=dict)
    manifests: dict[tuple[str, str], tuple[str, bytes]] = field(default_factory=dict)

    def put_index(self, repository: str, tag: str) -> str:
        """Stores an image for two platforms and returns the digest of its index."""
        entries = [self._put_platform(repository, name) for name in ("amd64", "arm64")]
        index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}).encode()
        for reference in (tag, digest_of(index)):
            self.manifests[repository, reference] = (INDEX, index)
        return digest_of(index)

    def _put_platform(self, repository: str, architecture: str) -> dict[str, Any]:
        platform = {"architecture": architecture, "os": "linux"}
        config = self._put_blob(json.dumps({**platform, "rootfs": {"type": "layers", "diff_ids": []}}).encode())
        layer = self._put_blob(f"layer of {architecture}".encode())
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **config},
                "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", **layer}],
            }
        ).encode()
        self.manifests[repository, digest_of(manifest)] = (MANIFEST, manifest)
        return {"mediaType": MANIFEST, "digest": digest_of(manifest), "size": len(manifest), "platform": platform}

    def _put_blob(self, content: bytes) -> dict[str, Any]:
        self.blobs[digest_of(content)] = content
        return {"digest": digest_of(content), "size": len(content)}


@contextmanager
def serving(registry: Registry, certificate: Path, key: Path) -> Iterator[Registry]:
    """Serves it, and sets its `host`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    handler = type("Handler", (_Handler,), {"registry": registry})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        registry.host = f"127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield registry
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    registry: Registry
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        content = b""
        while size := int(self.rfile.readline(), 16):
            content += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return content

    def _admitted(self) -> bool:
        if self.registry.password is None:
            return True
        expected = base64.b64encode(f"AWS:{self.registry.password}".encode()).decode()
        if self.headers.get("Authorization") == f"Basic {expected}":
            return True
        self._body()
        self._answer(401, WWW_Authenticate='Basic realm="registry"')
        return False

    def do_GET(self) -> None:
        """Manifests and blobs."""
        if not self._admitted():
            return
        if found := re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path):
            media_type, content = self.registry.manifests.get((found[1], found[2]), ("", b""))
            headers = {"Content_Type": media_type, "Docker_Content_Digest": digest_of(content)}
        elif found := re.fullmatch(r"/v2/.+/blobs/(.+)", self.path):
            content, headers = self.registry.blobs.get(found[1], b""), {"Content_Type": "application/octet-stream"}
        else:
            self._answer(200, b"{}")
            return
        self._answer(200, content, **headers) if content else self._answer(404)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """Begins an upload."""
        if self._admitted():
            self._body()
            self._answer(202, Location=f"{self.path.rstrip('/')}/{uuid.uuid4()}")

    def do_PATCH(self) -> None:
        """Takes a blob; its digest is said with the PUT that follows."""
        if self._admitted():
            content = self._body()
            self.registry.blobs[digest_of(content)] = content
            self._answer(202, Location=self.path, Range=f"0-{len(content) - 1}")

    def do_PUT(self) -> None:
        """Ends an upload, or takes a manifest."""
        if not self._admitted():
            return
        content = self._body()
        if found := re.fullmatch(r"/v2/(.+)/manifests/(.+)", self.path):
            stored = (self.headers["Content-Type"], content)
            for reference in (found[2], digest_of(content)):
                self.registry.manifests[found[1], reference] = stored
        elif content:
            self.registry.blobs[digest_of(content)] = content
        self._answer(201, Docker_Content_Digest=digest_of(content))
