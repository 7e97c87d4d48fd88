"""The service as a server, with a model that waits until it is let."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import httpx
import pytest
import uvicorn

from model_build.repository import Description
from services.fastapi_svc.__main__ import build_server
from services.fastapi_svc.app import create_app
from services.fastapi_svc.batcher import Policy
from services.fastapi_svc.settings import Settings
from tests.services.fastapi_svc.blocking import Blocking

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def app(model: Blocking, **policy: int) -> Any:
    return create_app(classifier=model, policy=Policy(**policy))  # type: ignore[arg-type]


def test_more_than_may_wait_gets_a_503_that_says_when_to_come_back() -> None:
    """The one that runs and the one that waits are answered."""

    async def run() -> None:
        model = Blocking()
        transport = httpx.ASGITransport(app(model, queue_size=32))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            bodies = [{"text": "a"}, {"texts": ["b"] * 32}, {"text": "secret"}]
            asked = [asyncio.create_task(client.post("/v1/classify", json=body)) for body in bodies]
            (refused,), others = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            model.let.set()
            assert [(await each).status_code for each in others] == [200, 200]
            response = refused.result()
            metrics = (await client.get("/metrics")).text
        assert response.status_code == 503
        assert response.headers["retry-after"] == "2"
        assert response.headers["content-type"] == "application/problem+json"
        assert "secret" not in response.text
        assert 'http_problems_total{name="queue_full"} 1.0' in metrics
        assert "inference_batch_texts_sum 33.0" in metrics
        assert "inference_queue_seconds_count 2.0" in metrics

    asyncio.run(run())


def test_the_bad_request_of_a_batch_is_a_500_and_the_others_are_answered() -> None:
    """What the model said of it is not repeated."""

    async def run() -> None:
        model = Blocking()
        transport = httpx.ASGITransport(app(model))
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            texts = ["a", "b", "bad", "c"]
            asked = [asyncio.create_task(client.post("/v1/classify", json={"text": text})) for text in texts]
            while not model.batches:
                await asyncio.sleep(0)
            model.let.set()
            assert [(await each).status_code for each in asked] == [200, 200, 500, 200]

    asyncio.run(run())


def served(model: Blocking, scenario: Callable[[uvicorn.Server, Callable[[str], Awaitable[Connection]]], Any]) -> None:
    """Run `scenario` with the server, and with what sends a text to it."""

    async def run() -> None:
        server = build_server(app(model), Settings(host="127.0.0.1", drain_s=0))
        server.config.port = 0  # any that is free
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup()
        port = server.servers[0].sockets[0].getsockname()[1]

        writers = []

        async def send(text: str) -> Connection:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            body = json.dumps({"text": text}).encode()
            head = f"POST /v1/classify HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
            writer.write(head.encode() + b"\r\n\r\n" + body)
            writers.append(writer)
            return reader, writer

        await scenario(server, send)
        for writer in writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    asyncio.run(run())


async def under_way(server: uvicorn.Server, count: int) -> None:
    """Until so many requests are."""
    async with asyncio.timeout(60):
        while len(server.server_state.tasks) != count:
            await asyncio.sleep(0)


def test_a_caller_who_leaves_takes_the_request_out_of_the_queue() -> None:
    """It is never run."""
    model = Blocking()

    async def scenario(server: uvicorn.Server, send: Callable[[str], Awaitable[Connection]]) -> None:
        reader, staying = await send("a")
        await under_way(server, 1)
        _, leaving = await send("b")
        await under_way(server, 2)
        leaving.close()
        await under_way(server, 1)
        model.let.set()
        assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        staying.close()
        await server.shutdown()

    served(model, scenario)
    assert model.batches == [["a"]]


def test_what_waits_is_answered_before_the_server_ends() -> None:
    """The order to stop comes while one request runs and two wait."""
    model = Blocking()

    async def scenario(server: uvicorn.Server, send: Callable[[str], Awaitable[Connection]]) -> None:
        connections = [await send(text) for text in ("a", "b", "c")]
        await under_way(server, 3)
        ending = asyncio.create_task(server.shutdown())
        await asyncio.sleep(0)
        model.let.set()
        for reader, _ in connections:
            assert b"200 OK" in await reader.readuntil(b"\r\n\r\n")
        await ending

    served(model, scenario)
    assert sorted(text for batch in model.batches for text in batch) == ["a", "b", "c"]


@pytest.mark.parametrize(("variable", "most"), [("true", 32), ("false", 1)])
def test_micro_batching_is_one_setting(monkeypatch: pytest.MonkeyPatch, variable: str, most: int) -> None:
    """False is the naive baseline, whatever the other settings say."""
    monkeypatch.setenv("FASTAPI_SVC_MICRO_BATCHING", variable)
    monkeypatch.setenv("FASTAPI_SVC_BATCH_DELAY_US", "500")
    policy = Settings().policy
    assert (policy.max_batch, policy.delay_s) == (most, 0.0005 if most > 1 else 0)


def test_batches_are_as_large_and_as_late_as_tritons() -> None:
    """So that a comparison of both paths compares nothing else."""
    triton, ours = Description(), Policy()
    assert (ours.max_batch, ours.delay_s * 1e6) == (triton.max_batch_size, triton.queue_delay_us)
    assert Settings().policy == ours
