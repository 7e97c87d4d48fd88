"""A real gRPC server that speaks the v2 protocol over mutual TLS, as Triton's proxy does."""

import asyncio
import struct
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any

import grpc
from cryptography import x509
from tritonclient.grpc import service_pb2, service_pb2_grpc

from services.gateway.clock import SystemClock
from services.gateway.tls import Identity
from services.gateway.triton_client import GrpcTritonClient, Scores
from tests.pki import Authority, Leaf

LOOPBACK = "127.0.0.1"
GATEWAY = "gateway.gateway.svc.cluster.local"
AUTHORITY = Authority()
SERVER = AUTHORITY.leaf(LOOPBACK)


def gateway_identity(leaf: Leaf | None = None) -> Identity:
    """The gateway's, with this certificate or a new one."""
    leaf = leaf or AUTHORITY.leaf(GATEWAY, LOOPBACK)
    return Identity(leaf.chain, leaf.key, AUTHORITY.pem)


IDENTITY = gateway_identity()


class FakeTritonServer(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Answers with fixed logits; the attributes make it wrong in one way, or hold its answers back."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.metadata: dict[str, str] = {}
        self.asked_by: set[int] = set()
        self.reached = asyncio.Event()
        self.ready = True
        self.free = asyncio.Event()
        self.free.set()
        self.abort = grpc.StatusCode.UNAVAILABLE
        self.aborts = 0
        self.said = "failed on Mary Jones"
        self.logits = [-1.0, 1.0]
        self.classes = 2
        self.rows: int | None = None
        self.model_name = "sentiment"
        self.version = b"0123456789ab"
        self.outputs = ["LOGITS", "MODEL_VERSION"]

    async def ModelReady(self, request: Any, context: Any) -> Any:
        return service_pb2.ModelReadyResponse(ready=self.ready and request.name == "sentiment")

    async def ModelInfer(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        self.metadata = dict(context.invocation_metadata())
        self.asked_by.add(x509.load_pem_x509_certificate(context.auth_context()["x509_pem_cert"][0]).serial_number)
        self.reached.set()
        await self.free.wait()
        if self.aborts:
            self.aborts -= 1
            await context.abort(self.abort, self.said)
        rows = self.rows if self.rows is not None else request.inputs[0].shape[0]
        answer = service_pb2.ModelInferResponse(model_name=self.model_name, model_version="1")
        for name in self.outputs:
            if name == "LOGITS":
                answer.outputs.add(name=name, datatype="FP32", shape=[rows, self.classes])
                answer.raw_output_contents.append(struct.pack(f"<{len(self.logits)}f", *self.logits) * rows)
            else:
                answer.outputs.add(name=name, datatype="BYTES", shape=[rows, 1])
                answer.raw_output_contents.append((struct.pack("<I", len(self.version)) + self.version) * rows)
        return answer


@asynccontextmanager
async def serving(
    triton: FakeTritonServer, leaf: Leaf = SERVER, *, authority: bytes = AUTHORITY.pem, grace_s: float | None = None
) -> AsyncIterator[int]:
    """The port of a server that shows `leaf` and asks for a certificate of `authority`.

    At the end it takes no new call, and calls on it are cancelled after `grace_s`.
    """
    server = grpc.aio.server()
    service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(triton, server)
    credentials = grpc.ssl_server_credentials([(leaf.key, leaf.chain)], authority, require_client_auth=True)
    port = server.add_secure_port(f"{LOOPBACK}:0", credentials)
    await server.start()
    try:
        yield port
    finally:
        await server.stop(grace_s)


@asynccontextmanager
async def asking(
    target: str, identity: Any = lambda: IDENTITY, *, versions: Collection[str] = ()
) -> AsyncIterator[GrpcTritonClient]:
    """A client of `target`, closed at the end."""
    client = GrpcTritonClient(target, identity=identity, model="sentiment", clock=SystemClock(), versions=versions)
    try:
        yield client
    finally:
        await client.close()


async def classify(client: GrpcTritonClient, *texts: str, timeout_s: float = 10) -> Scores:
    """The scores of the texts, or of one, within `timeout_s`."""
    return await client.classify(texts or ("Good.",), deadline=SystemClock().monotonic() + timeout_s)
