"""The sidecar beside the gateway: offers its records to the collector, over mutual TLS and to nobody else.

`GET /records` answers with the next ones (200) or says that there are none (204). Whoever has stored them posts their
SHA-256 to `/receipt`, and gets the next ones from then on. Told to stop, it stays until everything was fetched, or
until the pod's time is up: the kubelet stops it after the gateway.
"""

import logging
import os
import signal
import socket
import ssl
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from services.gateway.audit.shipping import Shipping

logger = logging.getLogger(__name__)

PORT = 8444
COLLECTOR_NAME = "audit-collector.audit.svc.cluster.local"
"""DNS name in the certificate of the only one who may fetch."""
_TIMEOUT_S = 10.0
_RECEIPT_LENGTH = 64
_LOOK_S = 0.25


class Outlet(ThreadingHTTPServer):
    """Serves one volume. Reads its certificate for each connection, so that a renewed one needs no signal."""

    daemon_threads = True

    def __init__(
        self, address: tuple[str, int], shipping: Shipping, *, tls: Path, client: str = COLLECTOR_NAME
    ) -> None:
        super().__init__(address, _Handler)
        self.shipping = shipping
        self.lock = threading.Lock()
        self._tls, self._client = tls, client

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread, where a slow handshake holds up nobody."""
        request.settimeout(_TIMEOUT_S)
        with _server_context(self._tls).wrap_socket(request, server_side=True) as secured:
            if self._client not in _names(secured):
                logger.warning("A client that is not the collector was turned away.")
                return
            super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke, such as a kubelet's that only looks whether the port is open."""

    def shipped(self) -> bool:
        """Whether the collector has everything."""
        with self.lock:
            return self.shipping.next() is None


class _Handler(BaseHTTPRequestHandler):
    server: Outlet
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        with self.server.lock:
            batch = self.server.shipping.next() if self.path == "/records" else None
        if batch:
            self._answer(HTTPStatus.OK, batch.content)
        else:
            self._answer(HTTPStatus.NO_CONTENT if self.path == "/records" else HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        if self.path != "/receipt" or self.headers.get("Content-Length") != str(_RECEIPT_LENGTH):
            self.close_connection = True  # what is not read would be taken for the next request
            self._answer(HTTPStatus.NOT_FOUND)
            return
        receipt = self.rfile.read(_RECEIPT_LENGTH).decode("latin-1")
        with self.server.lock:
            right = self.server.shipping.received(receipt)
        self._answer(HTTPStatus.NO_CONTENT if right else HTTPStatus.CONFLICT)

    def log_message(self, format: str, *args: object) -> None:
        """No line for each request."""

    def _answer(self, status: HTTPStatus, content: bytes = b"") -> None:
        self.send_response(status)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _server_context(tls: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(tls / "tls.crt", tls / "tls.key")
    context.load_verify_locations(tls / "ca.crt")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def _names(secured: ssl.SSLSocket) -> set[str]:
    certificate: Any = secured.getpeercert() or {}
    return {value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"}


def main() -> int:
    """Serve AUDIT_DIR with the certificate in AUDIT_TLS_DIR until told to stop and everything was fetched."""
    folder = Path(os.environ.get("AUDIT_DIR", "/var/log/audit"))
    tls = Path(os.environ.get("AUDIT_TLS_DIR", "/etc/tls"))
    port = int(os.environ.get("AUDIT_PORT", PORT))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with Outlet(("0.0.0.0", port), Shipping(folder), tls=tls) as outlet:  # noqa: S104 - a NetworkPolicy says who reaches it
        threading.Thread(target=outlet.serve_forever, daemon=True).start()
        logger.info("Offering the audit trail of %s at port %d.", socket.gethostname(), port)
        stopping.wait()
        while not outlet.shipped():
            time.sleep(_LOOK_S)
        logger.info("The whole audit trail was fetched.")
        outlet.shutdown()
    return 0
