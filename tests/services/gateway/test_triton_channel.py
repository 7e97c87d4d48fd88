"""The connections to Triton: whom they believe, with which certificate they come, and what is asked again."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import grpc
import pytest

from services.gateway import triton_channel
from services.gateway.tls import Identity
from services.gateway.triton_client import GrpcTritonClient, TritonError
from services.gateway.triton_messages import ready_request
from tests.pki import Authority, Leaf
from tests.relay import relaying
from tests.services.gateway.fake_triton import (
    AUTHORITY,
    IDENTITY,
    LOOPBACK,
    FakeTritonServer,
    asking,
    classify,
    gateway_identity,
    serving,
)

TRITON = "triton-headless.inference.svc.cluster.local"
STRANGER = Authority()


class Rotating:
    """Gives the newest identity that a test put there."""

    def __init__(self) -> None:
        self.identity = IDENTITY

    def __call__(self) -> Identity:
        return self.identity


async def refused(target: str, **how: Any) -> None:
    """Neither readiness nor an answer comes from `target`."""
    async with asking(target, **how) as client:
        assert not await client.ready()
        with pytest.raises(TritonError):
            await classify(client)


def test_nobody_there() -> None:
    """Without a Triton the client isn't ready and raises its one error."""
    asyncio.run(refused("127.0.0.1:1"))


@pytest.mark.parametrize(
    "shown",
    [
        AUTHORITY.leaf(LOOPBACK, ends=timedelta(days=-1)),
        AUTHORITY.leaf(TRITON),
        STRANGER.leaf(LOOPBACK),
    ],
    ids=["expired", "another name", "another authority"],
)
def test_another_than_triton_is_never_asked(shown: Leaf) -> None:
    """A server whose certificate has ended, has another name or comes from elsewhere gets no text."""
    triton = FakeTritonServer()

    async def run() -> None:
        async with serving(triton, shown) as port:
            await refused(f"dns:///{LOOPBACK}:{port}")

    asyncio.run(run())
    assert triton.requests == []


@pytest.mark.parametrize(
    "own", [STRANGER.leaf(LOOPBACK), AUTHORITY.leaf(LOOPBACK, ends=timedelta(days=-1))], ids=["stranger", "expired"]
)
def test_the_own_certificate_is_asked_for(own: Leaf) -> None:
    """A gateway with a certificate of another authority, or one that has ended, is not let in."""
    triton = FakeTritonServer()

    async def run() -> None:
        async with serving(triton) as port:
            await refused(f"dns:///{LOOPBACK}:{port}", identity=lambda: gateway_identity(own))

    asyncio.run(run())
    assert triton.requests == []


def test_a_server_in_clear_is_never_asked() -> None:
    """There is no falling back to a connection without TLS."""

    async def run() -> None:
        server = grpc.aio.server()
        port = server.add_insecure_port(f"{LOOPBACK}:0")
        await server.start()
        await refused(f"dns:///{LOOPBACK}:{port}")
        await server.stop(grace=None)

    asyncio.run(run())


def test_a_renewed_certificate_is_shown_from_the_next_call_on() -> None:
    """Calls that came before end on the old connection, which closes after the last of them; none is lost."""
    triton, newest = FakeTritonServer(), Rotating()
    renewed = AUTHORITY.leaf(LOOPBACK)

    async def run() -> None:
        async with serving(triton) as port, asking(f"dns:///{LOOPBACK}:{port}", newest) as client:
            triton.free.clear()
            before = asyncio.create_task(classify(client))
            await triton.reached.wait()
            old = client._channel._channel
            newest.identity = gateway_identity(renewed)
            after = asyncio.create_task(classify(client))
            while renewed.serial not in triton.asked_by:
                await asyncio.sleep(0)
            assert old.calls == 1
            triton.free.set()
            assert await before == await after
            assert await _closed(old.stub)
            assert len(triton.asked_by) == 2

    asyncio.run(asyncio.wait_for(run(), timeout=30))


async def _closed(stub: Any) -> bool:
    """Whether no call can be made with it any more."""
    with pytest.raises(grpc.aio.UsageError):
        await stub.ModelReady(ready_request("sentiment"), timeout=1.0)
    return True


def test_an_unused_connection_closes_at_once() -> None:
    """Without a call on it the old connection is closed when the first one on the new one begins."""
    newest = Rotating()

    async def run() -> None:
        async with serving(FakeTritonServer()) as port, asking(f"dns:///{LOOPBACK}:{port}", newest) as client:
            await classify(client)
            old = client._channel._channel
            newest.identity = gateway_identity()
            assert await client.ready()
            assert await _closed(old.stub)

    asyncio.run(run())


def test_a_refused_call_is_made_again() -> None:
    """UNAVAILABLE twice, then an answer: the caller sees the answer."""
    triton = FakeTritonServer()
    triton.aborts = 2

    async def run() -> None:
        async with serving(triton) as port, asking(f"dns:///{LOOPBACK}:{port}") as client:
            await classify(client)

    asyncio.run(run())
    assert len(triton.requests) == 3


@pytest.mark.parametrize(
    ("status", "calls"),
    [(grpc.StatusCode.UNAVAILABLE, 4), (grpc.StatusCode.CANCELLED, 4), (grpc.StatusCode.INTERNAL, 1)],
)
def test_how_often_is_limited(status: grpc.StatusCode, calls: int) -> None:
    """Four times where Triton is away, and once where it failed on the request."""
    triton = FakeTritonServer()
    triton.abort, triton.aborts = status, 9

    async def run() -> None:
        async with serving(triton) as port, asking(f"dns:///{LOOPBACK}:{port}") as client:
            with pytest.raises(TritonError):
                await classify(client)

    asyncio.run(run())
    assert len(triton.requests) == calls


def test_calls_together_have_a_budget_of_retries() -> None:
    """Where nearly all calls fail, asking again ends: fifty failures spend what the channel has, and then each is one."""
    triton = FakeTritonServer()
    triton.aborts = 10_000

    async def run() -> int:
        async with serving(triton) as port, asking(f"dns:///{LOOPBACK}:{port}") as client:
            await asyncio.gather(*(classify(client) for _ in range(60)), return_exceptions=True)
            before = len(triton.requests)
            await asyncio.gather(*(classify(client) for _ in range(20)), return_exceptions=True)
            return len(triton.requests) - before

    assert asyncio.run(run()) == 20
    assert len(triton.requests) < 60 + 50 + 20 + 1


@pytest.mark.parametrize("characters", [5, 1_000_000])
def test_a_request_on_a_pod_that_is_killed_is_made_again(characters: int) -> None:
    """The connection breaks while Triton computes; what comes up in its place answers, to a large request too."""
    killed, next_one = FakeTritonServer(), FakeTritonServer()
    killed.free.clear()

    async def run() -> None:
        async with (
            serving(killed) as first,
            serving(next_one) as second,
            relaying(first) as relay,
            asking(f"dns:///{LOOPBACK}:{relay.port}") as client,
        ):
            call = asyncio.create_task(classify(client, "x" * characters))
            await killed.reached.wait()
            relay.to = second
            relay.cut()
            await call

    asyncio.run(run())
    assert [len(killed.requests), len(next_one.requests)] == [1, 1]


def _two(monkeypatch: pytest.MonkeyPatch) -> str:
    """A target of two addresses has no name of its own that a certificate could carry: it is given one here."""
    named = [*triton_channel.CHANNEL_ARGS, ("grpc.ssl_target_name_override", LOOPBACK)]
    monkeypatch.setattr(triton_channel, "CHANNEL_ARGS", named)
    return "ipv4:127.0.0.1:{},127.0.0.1:{}"


def _calls(client: GrpcTritonClient) -> list[asyncio.Task[Any]]:
    return [asyncio.create_task(classify(client)) for _ in range(20)]


async def _calls_on_both(client: GrpcTritonClient, held: FakeTritonServer, free: FakeTritonServer) -> list[Any]:
    """Calls of which some have reached `held`, which answers none of them yet."""
    while not (held.requests and free.requests):  # until both connections stand
        await classify(client)
    held.free.clear()
    held.reached.clear()
    calls = _calls(client)
    await held.reached.wait()
    return calls


def test_calls_go_round_the_addresses_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two servers behind one target each get half of the calls."""
    one, other = FakeTritonServer(), FakeTritonServer()
    target = _two(monkeypatch)

    async def run() -> list[int]:
        async with serving(one) as first, serving(other) as second, asking(target.format(first, second)) as client:
            while not (one.requests and other.requests):  # until both connections stand
                await classify(client)
            before = [len(one.requests), len(other.requests)]
            for _ in range(10):
                await classify(client)
            return [len(one.requests) - before[0], len(other.requests) - before[1]]

    assert asyncio.run(asyncio.wait_for(run(), timeout=20)) == [5, 5]


def test_a_pod_that_stops_under_load_loses_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two servers says that it goes: it ends the calls on it, and each after is answered by the other."""
    stopping, staying = FakeTritonServer(), FakeTritonServer()
    target = _two(monkeypatch)

    async def run() -> None:
        async with serving(staying) as second, AsyncExitStack() as life:
            first = await life.enter_async_context(serving(stopping, grace_s=20))
            async with asking(target.format(first, second)) as client:
                calls = await _calls_on_both(client, stopping, staying)
                end = asyncio.create_task(life.aclose())
                calls += _calls(client)
                await asyncio.gather(*calls[len(calls) // 2 :])
                stopping.free.set()
                await asyncio.gather(end, *calls)

    asyncio.run(asyncio.wait_for(run(), timeout=30))


def test_a_pod_that_is_killed_under_load_loses_no_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two servers is gone at once: each call on it, and each after, is answered by the other."""
    killed, staying = FakeTritonServer(), FakeTritonServer()
    target = _two(monkeypatch)

    async def run() -> None:
        async with (
            serving(killed) as behind,
            serving(staying) as second,
            relaying(behind) as first,
            asking(target.format(first.port, second)) as client,
        ):
            calls = await _calls_on_both(client, killed, staying)
            first.die()
            await asyncio.gather(*calls, *_calls(client))

    asyncio.run(asyncio.wait_for(run(), timeout=30))
