"""The client against a real gRPC server that speaks the v2 protocol."""

import asyncio
import struct
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest
from tritonclient.grpc import service_pb2, service_pb2_grpc

from services.gateway.clock import SystemClock
from services.gateway.triton_client import GrpcTritonClient, TritonError


class FakeTritonServer(service_pb2_grpc.GRPCInferenceServiceServicer):  # type: ignore[misc]
    """Answers with fixed logits; the attributes make it wrong in one way."""

    def __init__(self) -> None:
        self.requests: list[Any] = []
        self.ready = True
        self.hang = False
        self.abort: grpc.StatusCode | None = None
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
        if self.hang:
            await asyncio.Event().wait()
        if self.abort:
            await context.abort(self.abort, "failed on Mary Jones")
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


def ask(server: FakeTritonServer, question: Callable[[GrpcTritonClient], Awaitable[Any]]) -> Any:
    """What `question` gets from a client that is connected to `server`."""

    async def run() -> Any:
        grpc_server = grpc.aio.server()
        service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(server, grpc_server)
        port = grpc_server.add_insecure_port("127.0.0.1:0")
        await grpc_server.start()
        client = GrpcTritonClient(f"dns:///127.0.0.1:{port}", model="sentiment", clock=SystemClock())
        try:
            return await question(client)
        finally:
            await client.close()
            await grpc_server.stop(grace=None)

    return asyncio.run(run())


def classify(server: FakeTritonServer, *texts: str, timeout_s: float = 5.0) -> Any:
    return ask(server, lambda client: client.classify(texts, deadline=SystemClock().monotonic() + timeout_s))


def test_texts_become_a_tensor_and_logits_become_probabilities() -> None:
    """Texts travel as UTF-8 in one [n, 1] tensor; logits come back as probabilities with the model's version."""
    server = FakeTritonServer()
    scores = classify(server, "Good.", "Très good.")
    (request,) = server.requests
    assert (request.model_name, request.inputs[0].name, request.inputs[0].datatype) == ("sentiment", "TEXT", "BYTES")
    assert list(request.inputs[0].shape) == [2, 1]
    assert "Très good.".encode() in request.raw_input_contents[0]
    assert {output.name for output in request.outputs} == {"LOGITS", "MODEL_VERSION"}
    assert scores.model_version == "0123456789ab"
    assert scores.probabilities == (pytest.approx((0.119203, 0.880797), abs=1e-6),) * 2


def test_the_deadline_travels() -> None:
    """Triton is told how long anybody waits, in microseconds."""
    server = FakeTritonServer()
    classify(server, "Good.", timeout_s=5.0)
    assert 0 < server.requests[0].parameters["timeout"].int64_param <= 5_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"logits": [float("nan"), 1.0]},
        {"logits": [float("inf"), 1.0]},
        {"logits": [1.0, 1.0, 1.0], "classes": 3},
        {"rows": 2},
        {"rows": 0},
        {"model_name": "another"},
        {"version": b""},
        {"version": b"../../x"},
        {"version": b"\xff\xfe"},
        {"outputs": ["LOGITS"]},
        {"outputs": ["MODEL_VERSION"]},
        {"outputs": []},
        {"abort": grpc.StatusCode.UNAVAILABLE},
        {"abort": grpc.StatusCode.INVALID_ARGUMENT},
        {"abort": grpc.StatusCode.INTERNAL},
    ],
)
def test_answers_that_are_refused(change: dict[str, Any]) -> None:
    """No answer and an answer of the wrong form, model or version are one error, which quotes nothing of Triton's."""
    server = FakeTritonServer()
    for name, value in change.items():
        setattr(server, name, value)
    with pytest.raises(TritonError) as refusal:
        classify(server, "Good.")
    assert "Mary" not in str(refusal.value)
    assert refusal.value.__suppress_context__


def test_a_slow_triton_is_given_up() -> None:
    """At the deadline the call ends with the same error."""
    server = FakeTritonServer()
    server.hang = True
    with pytest.raises(TritonError):
        classify(server, "Good.", timeout_s=0.2)


def test_a_passed_deadline_asks_nothing() -> None:
    """What nobody waits for isn't sent."""
    server = FakeTritonServer()
    with pytest.raises(TritonError):
        classify(server, "Good.", timeout_s=-1.0)
    assert server.requests == []


@pytest.mark.parametrize("ready", [True, False])
def test_readiness_is_the_models(ready: bool) -> None:
    """Ready is what Triton says of the model."""
    server = FakeTritonServer()
    server.ready = ready
    assert ask(server, lambda client: client.ready()) is ready


def test_nobody_there() -> None:
    """Without a Triton the client isn't ready and raises its one error."""

    async def run() -> None:
        client = GrpcTritonClient("127.0.0.1:1", model="sentiment", clock=SystemClock())
        assert not await client.ready()
        with pytest.raises(TritonError):
            await client.classify(["Good."], deadline=SystemClock().monotonic() + 2)
        await client.close()

    asyncio.run(run())


def test_calls_go_round_the_addresses_of_a_name() -> None:
    """Two servers behind one target each get half of the calls."""

    async def run() -> list[int]:
        servers, ports, started = [FakeTritonServer(), FakeTritonServer()], [], []
        for server in servers:
            grpc_server = grpc.aio.server()
            service_pb2_grpc.add_GRPCInferenceServiceServicer_to_server(server, grpc_server)
            ports.append(grpc_server.add_insecure_port("127.0.0.1:0"))
            await grpc_server.start()
            started.append(grpc_server)
        client = GrpcTritonClient(
            f"ipv4:127.0.0.1:{ports[0]},127.0.0.1:{ports[1]}", model="sentiment", clock=SystemClock()
        )
        while not all(server.requests for server in servers):  # until both connections stand
            await client.classify(["Good."], deadline=SystemClock().monotonic() + 5)
        before = [len(server.requests) for server in servers]
        for _ in range(10):
            await client.classify(["Good."], deadline=SystemClock().monotonic() + 5)
        await client.close()
        for grpc_server in started:
            await grpc_server.stop(grace=None)
        return [len(server.requests) - count for server, count in zip(servers, before, strict=True)]

    assert asyncio.run(asyncio.wait_for(run(), timeout=20)) == [5, 5]
