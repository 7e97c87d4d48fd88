"""Who asks: as little work as possible on this side, since it shares the processors with what it measures."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle
from typing import Any, Protocol

import grpc
from tritonclient.grpc import service_pb2

from loadtests.bench.credentials import LOOPBACK
from loadtests.bench.processes import Running
from loadtests.measure import LoadTestError

INFER = "/inference.GRPCInferenceService/ModelInfer"
Latencies = list[float]


class Connection(Protocol):
    """Asks one after the other."""

    async def ask(self, request: bytes) -> None:
        """One request and its whole answer; LoadTestError unless it is a good one."""
        ...

    async def close(self) -> None:
        """Ask nothing more."""
        ...


class Caller(Protocol):
    """A way to the model, with a request for each text."""

    name: str
    requests: Sequence[bytes]

    async def connect(self) -> Connection:
        """A connection more."""
        ...


class Triton:
    """Straight to it over gRPC, with mutual TLS as the gateway does; like that, all calls share one connection."""

    name = "triton"

    def __init__(self, running: Running, texts: Sequence[str]) -> None:
        self.requests: Sequence[bytes] = [infer_message(text) for text in texts]
        self._channel = grpc.aio.secure_channel(running.triton, running.credentials.grpc())
        self._call: Any = self._channel.unary_unary(INFER)

    async def connect(self) -> Connection:
        return self

    async def ask(self, request: bytes) -> None:
        if not await self._call(request, timeout=20, wait_for_ready=True):
            raise LoadTestError("Triton gave an empty answer: see its log.")

    async def close(self) -> None:
        """Close the connection."""
        await self._channel.close()


class Gateway:
    """Through the gateway over HTTPS, with a token; a connection each, kept."""

    name = "gateway"

    def __init__(self, running: Running, texts: Sequence[str]) -> None:
        token = running.credentials.token()
        self.requests: Sequence[bytes] = [_post(text, token) for text in texts]
        self._port, self._tls = running.gateway_port, running.credentials.tls()

    async def connect(self) -> Connection:
        return Kept(self.name, *await asyncio.open_connection(LOOPBACK, self._port, ssl=self._tls))


class Kept:
    """An HTTP/1.1 connection of the path `name`, whose answers say how long they are."""

    def __init__(self, name: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._name, self._reader, self._writer = name, reader, writer

    async def ask(self, request: bytes) -> None:
        """One request and its whole answer; LoadTestError unless it is a good one."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        fields = head.lower()
        at = fields.index(b"content-length:") + 15
        body = await self._reader.readexactly(int(fields[at : fields.index(b"\r", at)]))
        if not head.startswith(b"HTTP/1.1 200"):
            said = body[:200].decode(errors="replace")
            raise LoadTestError(f"The {self._name} answered {head[9:12].decode()}: {said}")

    async def close(self) -> None:
        """Close the connection; one that the other side has ended is closed too."""
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


async def one_client(caller: Caller, count: int) -> Latencies:
    """Seconds that each of `count` requests took, one after the other."""
    connection, latencies = await caller.connect(), []
    requests = cycle(caller.requests)
    for _ in range(count):
        began = time.perf_counter()
        await connection.ask(next(requests))
        latencies.append(time.perf_counter() - began)
    return latencies


async def many_clients(caller: Caller, clients: int, seconds: float) -> float:
    """Requests a second that so many clients get answered, each the next when it has the last one's answer."""
    connections = [await caller.connect() for _ in range(clients)]
    requests, answered = cycle(caller.requests), 0
    ends = time.perf_counter() + seconds

    async def client(connection: Connection) -> None:
        nonlocal answered
        while time.perf_counter() < ends:
            await connection.ask(next(requests))
            answered += 1

    began = time.perf_counter()
    await asyncio.gather(*(client(each) for each in connections))
    return answered / (time.perf_counter() - began)


def infer_message(text: str) -> bytes:
    """A ModelInferRequest of one text."""
    request = service_pb2.ModelInferRequest(model_name="sentiment")
    request.inputs.add(name="TEXT", datatype="BYTES", shape=[1, 1])
    encoded = text.encode()
    request.raw_input_contents.append(len(encoded).to_bytes(4, "little") + encoded)
    for name in ("LOGITS", "MODEL_VERSION"):
        request.outputs.add(name=name)
    return bytes(request.SerializeToString())


def _post(text: str, token: str) -> bytes:
    body = json.dumps({"text": text}).encode()
    lines = [
        "POST /v1/classify HTTP/1.1",
        "Host: gateway",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        f"Authorization: Bearer {token}",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
