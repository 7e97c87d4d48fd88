"""One line of the audit trail for every request, whatever becomes of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from services.gateway.clock import SystemClock
from tests.services.gateway.fake_triton import FakeTritonServer, asking, serving
from tests.services.gateway.harness import DeidentificationError, Harness, TritonError, bearer
from tests.services.http.kept import KeptConnection, listening

CLASSIFY = "/v1/classify"


def outcomes(harness: Harness) -> list[tuple[str, str, int]]:
    """What the trail says became of each request."""
    return [(line["route"], line["outcome"], line["status"]) for line in harness.audit_lines()]


@asynccontextmanager
async def gateway(triton: FakeTritonServer, harness: Harness) -> AsyncIterator[tuple[uvicorn.Server, int]]:
    """A gateway on a port that asks `triton` over mutual TLS."""
    harness.clock = SystemClock()
    async with serving(triton) as port, asking(f"dns:///127.0.0.1:{port}") as harness.triton:
        config = uvicorn.Config(harness.app(), port=0, log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        async with listening(server) as (own_port, _):
            yield server, own_port


async def recorded(harness: Harness) -> None:
    """Wait until the trail has a line."""
    while not harness.audit_lines():
        await asyncio.sleep(0.01)


def run(body: Any) -> None:
    asyncio.run(asyncio.wait_for(body, timeout=30))


@pytest.mark.parametrize(
    ("part", "failure", "outcome"),
    [
        ("triton", TritonError(), ("model_unavailable", 503)),
        ("triton", RuntimeError(), ("internal_error", 500)),
        ("deidentifier", DeidentificationError(), ("deidentification_failed", 503)),
    ],
)
def test_a_failure(harness: Harness, part: str, failure: Exception, outcome: tuple[str, int]) -> None:
    """Without Triton or the de-identifier the caller is told so, and the trail says why."""
    with TestClient(harness.app(), raise_server_exceptions=False) as client:
        getattr(harness, part).failure = failure
        answer = client.post(CLASSIFY, json={"text": "Good."}, headers=bearer())
    assert answer.status_code == outcome[1]
    assert outcomes(harness) == [(CLASSIFY, *outcome)]


def test_a_triton_that_does_not_answer_in_time(harness: Harness) -> None:
    """The caller hears at the deadline."""
    triton = FakeTritonServer()
    triton.free.clear()
    harness.timeout_s = 0.5

    async def body() -> None:
        async with gateway(triton, harness) as (_, port):
            connection = KeptConnection(port, headers=bearer())
            answer = await connection.post()
            connection.close()
            assert (answer.status, answer.headers["retry-after"]) == (503, "2")

    run(body())
    assert outcomes(harness) == [(CLASSIFY, "model_unavailable", 503)]


async def _begin(port: int) -> asyncio.StreamWriter:
    """A request of whose body only the first bytes arrive."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    fields = {"Host": "test", "Content-Type": "application/json", "Content-Length": "100", **bearer()}
    lines = [f"POST {CLASSIFY} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    writer.write("\r\n".join(lines).encode() + b'\r\n\r\n{"te')
    await writer.drain()
    return writer


def test_a_body_that_does_not_arrive_in_time(harness: Harness) -> None:
    """The caller is waited for no longer than for Triton."""
    harness.timeout_s = 0.2

    async def body() -> None:
        async with gateway(FakeTritonServer(), harness) as (_, port):
            connection = await _begin(port)
            await recorded(harness)
            connection.close()

    run(body())
    assert outcomes(harness) == [(CLASSIFY, "body_timeout", 408)]


def test_a_caller_who_leaves_while_sending(harness: Harness) -> None:
    """What was begun is on record."""

    async def body() -> None:
        async with gateway(FakeTritonServer(), harness) as (_, port):
            (await _begin(port)).close()
            await recorded(harness)

    run(body())
    assert outcomes(harness) == [(CLASSIFY, "incomplete_body", 400)]


def test_a_caller_who_leaves_while_waiting(harness: Harness) -> None:
    """The record is of the answer, which nobody fetched."""
    triton = FakeTritonServer()
    triton.free.clear()

    async def body() -> None:
        async with gateway(triton, harness) as (server, port):
            connection = KeptConnection(port, headers=bearer())
            call = asyncio.create_task(connection.post())
            await triton.reached.wait()
            connection.close()
            while server.server_state.connections:
                await asyncio.sleep(0.01)
            triton.free.set()
            await recorded(harness)
            with pytest.raises(asyncio.IncompleteReadError):
                await call

    run(body())
    assert outcomes(harness) == [(CLASSIFY, "answered", 200)]


def test_a_request_that_outlasts_the_gateways_end(harness: Harness) -> None:
    """It is cancelled when the time to stop is over."""
    triton = FakeTritonServer()
    triton.free.clear()

    async def body() -> None:
        async with gateway(triton, harness) as (server, port):
            call = asyncio.create_task(KeptConnection(port, headers=bearer()).post())
            await triton.reached.wait()
            server.should_exit = True
            assert (await call).status == 500

    run(body())
    assert outcomes(harness) == [(CLASSIFY, "cancelled", 500)]
