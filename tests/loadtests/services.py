"""Stand-ins for the services on loopback, which the real k6 asks."""

import json
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc

from tests.pki import Authority

_INFER = "/inference.GRPCInferenceService/ModelInfer"
_TRITON = "triton.inference.svc.cluster.local"
_LOGITS = b"\x32\x08" + bytes(8)
"""An answer of Triton's with two numbers, as Protocol Buffers write it."""


@dataclass
class Service:
    """Answers as all services do; keeps what it was asked, with which token, and how many connections were made."""

    label: str = "POSITIVE"
    status: int = 200
    delay_s: float = 0.0
    texts: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    connections: int = 0
    environment: dict[str, str] = field(default_factory=dict)

    def answer(self, path: str, body: dict[str, Any], token: str) -> dict[str, Any]:
        """Of a request over HTTP."""
        time.sleep(self.delay_s)
        if path == "/v2/models/sentiment/infer":
            self.texts.append(body["inputs"][0]["data"][0])
            return {"outputs": [{"name": "LOGITS", "data": [0.1, 0.9]}]}
        self.texts.append(body["text"])
        self.tokens.add(token)
        return {"predictions": [{"label": self.label, "score": 0.9}], "deidentified": [{}]}

    def infer(self, request: bytes, _: object) -> bytes:
        """Of one over gRPC: the text stands in it as it is."""
        self.texts.append(request.decode(errors="replace"))
        return _LOGITS


@contextmanager
def running(service: Service, *, tls: Path | None = None) -> Iterator[Service]:
    """`service` over HTTP and gRPC; its `environment` leads the scripts to it.

    With mutual TLS where `tls` is a folder for the certificates: the server's is of a Service of the cluster.
    """
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(service))
    http.daemon_threads = True
    over_grpc = grpc.server(ThreadPoolExecutor(4))
    over_grpc.add_generic_rpc_handlers((_Generic(grpc.unary_unary_rpc_method_handler(service.infer)),))
    scheme, files, credentials = "http", dict[str, str](), None
    if tls:
        scheme, files = "https", _certificates(tls)
        http.socket = _server_context(files).wrap_socket(http.socket, server_side=True)
        ca, chain, key = (Path(files[f"TRITON_{name}"]).read_bytes() for name in ("CA", "CERTIFICATE", "KEY"))
        credentials = grpc.ssl_server_credentials([(key, chain)], ca, require_client_auth=True)
    at = "127.0.0.1:0"
    port = over_grpc.add_secure_port(at, credentials) if credentials else over_grpc.add_insecure_port(at)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    over_grpc.start()
    url = f"{scheme}://127.0.0.1:{http.server_port}"
    names = ("FASTAPI_URL", "TRITON_URL", "GATEWAY_URL")
    service.environment = {**dict.fromkeys(names, url), "TRITON_GRPC": f"127.0.0.1:{port}", **files}
    if tls:
        service.environment |= {"TRITON_GRPC": f"{_TRITON}:{port}", "TRITON_AT": f"127.0.0.1:{port}"}
    else:
        service.environment["TOKEN"] = "a.b.c"
    try:
        yield service
    finally:
        http.shutdown()
        http.server_close()
        over_grpc.stop(None).wait()


def _certificates(folder: Path) -> dict[str, str]:
    """As the scripts read where they are: one that serves and calls."""
    authority = Authority()
    leaf = authority.leaf("127.0.0.1", _TRITON)
    paths = {}
    for name, content in (("ca.crt", authority.pem), ("tls.crt", leaf.chain), ("tls.key", leaf.key)):
        paths[name] = str(folder / name)
        (folder / name).write_bytes(content)
    triton = {"TRITON_CA": "ca.crt", "TRITON_CERTIFICATE": "tls.crt", "TRITON_KEY": "tls.key"}
    gateway = {"SSL_CERT_FILE": "ca.crt", "TLS_CERTIFICATE": "tls.crt", "TLS_KEY": "tls.key"}
    return {variable: paths[name] for variable, name in (triton | gateway).items()}


def _server_context(files: Mapping[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files["TRITON_CA"])
    context.load_cert_chain(files["TLS_CERTIFICATE"], files["TLS_KEY"])
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class _Generic(grpc.GenericRpcHandler):  # type: ignore[misc]
    def __init__(self, handler: object) -> None:
        self._handler = handler

    def service(self, details: Any) -> object | None:
        return self._handler if details.method == _INFER else None


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            service.connections += 1

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            content = json.dumps(service.answer(self.path, body, self.headers.get("Authorization", ""))).encode()
            self.send_response(service.status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler
