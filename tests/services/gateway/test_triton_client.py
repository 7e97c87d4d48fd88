"""The client against a real gRPC server that speaks the v2 protocol."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import grpc
import pytest

from services.gateway.clock import SystemClock
from services.gateway.triton_client import GrpcTritonClient, TritonError, TritonOverloaded, TritonRejected
from tests.services.gateway import fake_triton
from tests.services.gateway.fake_triton import FakeTritonServer, asking, serving


def ask(server: FakeTritonServer, question: Callable[[GrpcTritonClient], Awaitable[Any]]) -> Any:
    """What `question` gets from a client of `server`."""

    async def run() -> Any:
        async with serving(server) as port, asking(f"dns:///127.0.0.1:{port}") as client:
            return await question(client)

    return asyncio.run(run())


def classify(server: FakeTritonServer, *texts: str, timeout_s: float = 5.0) -> Any:
    return ask(server, lambda client: fake_triton.classify(client, *texts, timeout_s=timeout_s))


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
    assert scores.probabilities == [pytest.approx((0.119203, 0.880797), abs=1e-6)] * 2


def test_the_deadline_travels() -> None:
    """Triton is told how long anybody waits, in microseconds."""
    server = FakeTritonServer()
    classify(server, "Good.", timeout_s=5.0)
    assert 0 < server.requests[0].parameters["timeout"].int64_param <= 5_000_000


@pytest.mark.parametrize("traceparent", [None, f"00-{'a' * 32}-{'b' * 16}-01"])
def test_the_trace_travels(traceparent: str | None) -> None:
    """As gRPC metadata, where there is one."""
    server = FakeTritonServer()
    deadline = SystemClock().monotonic() + 5
    ask(server, lambda client: client.classify(["Good."], deadline=deadline, traceparent=traceparent))
    assert server.metadata.get("traceparent") == traceparent


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
        {"aborts": 9, "abort": grpc.StatusCode.UNAVAILABLE},
        {"aborts": 9, "abort": grpc.StatusCode.INVALID_ARGUMENT},
        {"aborts": 9, "abort": grpc.StatusCode.INTERNAL},
        {"aborts": 9, "abort": grpc.StatusCode.CANCELLED},
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


@pytest.mark.parametrize(("versions", "answers"), [(["0123456789ab", "b"], True), (["b"], False)])
def test_only_named_versions_may_answer(versions: list[str], answers: bool) -> None:
    """Where versions are named, as manifests have them, the answer of another one is refused."""

    async def run() -> None:
        target = "dns:///127.0.0.1:{}"
        async with (
            serving(FakeTritonServer()) as port,
            asking(target.format(port), versions=versions) as client,
        ):
            await fake_triton.classify(client)

    if answers:
        asyncio.run(run())
    else:
        with pytest.raises(TritonError):
            asyncio.run(run())


@pytest.mark.parametrize(
    ("status", "rejected"), [(grpc.StatusCode.INVALID_ARGUMENT, True), (grpc.StatusCode.INTERNAL, False)]
)
def test_a_request_that_triton_does_not_take_is_told_apart(status: grpc.StatusCode, rejected: bool) -> None:
    """It says nothing of Triton's health."""
    server = FakeTritonServer()
    server.abort, server.aborts = status, 1
    with pytest.raises(TritonError) as refusal:
        classify(server, "Good.")
    assert isinstance(refusal.value, TritonRejected) is rejected


@pytest.mark.parametrize("said", ["Exceeds maximum queue size", "[request id: 7] Request timeout expired"])
def test_a_full_queue_is_told_apart(said: str) -> None:
    """Triton says so with the status of one that is not there; it works, and is only asked for too much."""
    server = FakeTritonServer()
    server.aborts, server.said = 9, said
    with pytest.raises(TritonOverloaded):
        classify(server, "Good.")


def test_a_slow_triton_is_given_up() -> None:
    """At the deadline the call ends with the same error."""
    server = FakeTritonServer()
    server.free.clear()
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
