"""Fetches the records of every gateway and puts them into the archive. More than one may run: what two fetch is the same."""

import http.client
import logging
import os
import signal
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from services.gateway.audit.archive import Archive, PrintedArchive, S3Archive
from services.gateway.audit.outlet import PORT

logger = logging.getLogger(__name__)

INTERVAL_S = 5.0
"""Between two rounds: what a node takes along when it is lost."""
SOURCE_NAME = "gateway.gateway.svc.cluster.local"
"""DNS name in the gateways' certificate."""
HEALTH_PORT = 8080
STALLED_S = 120.0
"""A round that takes longer does not end any more."""
_TIMEOUT_S = 10.0
_AT_ONCE = 16


class FetchError(Exception):
    """A gateway's records could not be fetched: one sentence."""


class Source:
    """One gateway's sidecar."""

    def __init__(self, address: str, port: int, *, context: ssl.SSLContext, name: str = SOURCE_NAME) -> None:
        self._connection = _Connection(address, port, context, name)

    def drain(self, archive: Archive) -> int:
        """Fetch everything into the archive; the number of records. FetchError, OSError, or what the archive raises."""
        records = 0
        try:
            while content := self._next():
                archive.put(content)
                self._receipt(content)
                records += content.count(b"\n")
        except http.client.HTTPException as error:
            raise FetchError(f"The gateway's sidecar did not answer: {type(error).__name__}.") from None
        finally:
            self._connection.close()
        return records

    def _next(self) -> bytes:
        self._connection.request("GET", "/records")
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status not in (HTTPStatus.OK, HTTPStatus.NO_CONTENT):
            raise FetchError(f"The gateway's sidecar answered with {answer.status}.")
        return content

    def _receipt(self, content: bytes) -> None:
        self._connection.request("POST", "/receipt", body=sha256(content).hexdigest())
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != HTTPStatus.NO_CONTENT:  # another collector was faster: what it fetched is the same
            raise FetchError(f"The gateway's sidecar took no receipt: {answer.status}.")


class _Connection(http.client.HTTPSConnection):
    """To a pod by its address, whose certificate has the Service's name."""

    def __init__(self, address: str, port: int, context: ssl.SSLContext, name: str) -> None:
        super().__init__(address, port, timeout=_TIMEOUT_S)
        self._tls, self._name = context, name

    def connect(self) -> None:
        plain = socket.create_connection((self.host, self.port), timeout=_TIMEOUT_S)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self._name)


class Collector:
    """Goes round the gateways. `sources` finds them anew each time."""

    def __init__(self, sources: Callable[[], Iterable[Source]], archive: Archive) -> None:
        self._sources, self._archive = sources, archive
        self._round_ended = time.monotonic()

    @property
    def alive(self) -> bool:
        """Whether it goes round."""
        return time.monotonic() - self._round_ended < STALLED_S

    def round(self) -> int:
        """Drain every gateway; the number of records. One that fails holds up no other and is asked again next time."""
        with ThreadPoolExecutor(_AT_ONCE) as workers:
            records = sum(workers.map(self._drain, self._sources()))
        self._round_ended = time.monotonic()
        return records

    def _drain(self, source: Source) -> int:
        try:
            return source.drain(self._archive)
        except FetchError as error:
            logger.error("%s Its records stay with it until the next round.", error)
        except Exception as error:  # such as botocore's, which have no base in common with ours
            logger.error(
                "Records were not stored, and stay with their gateway until the next round: %s.", type(error).__name__
            )
        return 0


def client_context(tls: Path) -> ssl.SSLContext:
    """Shows the collector's certificate, and believes its own authority alone. Reads the files."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(tls / "tls.crt", tls / "tls.key")
    context.load_verify_locations(tls / "ca.crt")
    return context


def gateways(host: str, port: int, tls: Path) -> Callable[[], list[Source]]:
    """Every address of the name, ready or not: a pod that goes has records too."""

    def found() -> list[Source]:
        try:
            addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)}
            context = client_context(tls)
        except OSError as error:
            logger.error("No gateway is found: %s.", type(error).__name__)
            return []
        return [Source(address, port, context=context) for address in sorted(addresses)]

    return found


def _archive() -> Archive:
    import boto3
    from botocore.config import Config

    retries = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3})
    archive: Archive = S3Archive(boto3.client("s3", config=retries), uri=os.environ.get("AUDIT_ARCHIVE", ""))
    return PrintedArchive(archive) if os.environ.get("AUDIT_PRINT") == "true" else archive


def _serve_health(collector: Collector, port: int) -> None:
    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(HTTPStatus.OK if collector.alive else HTTPStatus.SERVICE_UNAVAILABLE)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("0.0.0.0", port), Health)  # noqa: S104 - the kubelet asks it
    threading.Thread(target=server.serve_forever, daemon=True).start()


def main() -> int:
    """Collect from AUDIT_SOURCE (a name) into AUDIT_ARCHIVE until told to stop; 2 where a setting is wrong."""
    try:
        archive = _archive()
    except ValueError as error:
        logger.error("%s", error)
        return 2
    tls = Path(os.environ.get("AUDIT_TLS_DIR", "/etc/tls"))
    source = os.environ.get("AUDIT_SOURCE", "gateway-audit.gateway.svc.cluster.local")
    collector = Collector(gateways(source, PORT, tls), archive)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    _serve_health(collector, HEALTH_PORT)
    while not stopping.is_set():
        if records := collector.round():
            logger.info("%d records are in the archive.", records)
        stopping.wait(INTERVAL_S)
    return 0
