"""The client of Triton behind its breaker and its queue."""

import asyncio
from typing import Any

import pytest

from services.gateway.limits.breaker import FIRST_OPEN_S, MIN_CALLS, Breaker
from services.gateway.limits.guarded import GuardedTriton
from services.gateway.limits.problems import problem_of
from services.gateway.limits.shedding import Shedding
from services.gateway.triton_client import (
    Scores,
    TritonCircuitOpen,
    TritonError,
    TritonOverloaded,
    TritonRejected,
)
from tests.services.gateway.fake_triton import LOOPBACK, FakeTritonServer, asking, serving
from tests.services.gateway.limits.virtual_time import clock, run


class Client:
    """Answers after `takes_s`, or raises `failure`."""

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.takes_s = 0.01
        self.calls = 0
        self.closed = False

    async def ready(self) -> bool:
        return True

    async def classify(self, texts: Any, *, deadline: float, traceparent: str | None = None) -> Scores:
        self.calls += 1
        await asyncio.sleep(min(self.takes_s, deadline - clock().time()))
        if clock().time() >= deadline:
            raise TritonError("too late")
        if self.failure:
            raise self.failure
        return Scores(((0.5, 0.5),) * len(texts), "1")

    async def close(self) -> None:
        self.closed = True


def guarded() -> tuple[Client, GuardedTriton]:
    client = Client()
    made = GuardedTriton(client, breaker=Breaker(clock=clock()), shedding=Shedding(clock=clock()), clock=clock())
    return client, made


async def ask(triton: GuardedTriton, *, within_s: float = 10.0) -> str:
    """The class of what came of one text."""
    try:
        return type(await triton.classify(["Good."], deadline=clock().time() + within_s)).__name__
    except TritonError as error:
        return type(error).__name__


def test_answers_pass() -> None:
    """The guarded client is the client, while all is well."""

    async def main() -> None:
        client, triton = guarded()
        assert await triton.ready()
        triton.check(1, deadline=clock().time() + 1)
        assert await ask(triton) == "Scores"
        await triton.close()
        assert client.closed
        assert triton.shedding.limit.latency_s == pytest.approx(0.01)

    run(main())


def test_a_triton_that_fails_is_left_alone_until_a_probe_is_answered() -> None:
    """While the circuit is open nobody asks it, and both ways of asking say so; then it is found again."""

    async def main() -> None:
        client, triton = guarded()
        client.failure = TritonError("away")
        assert [await ask(triton) for _ in range(MIN_CALLS)] == ["TritonError"] * MIN_CALLS
        assert await ask(triton) == "TritonCircuitOpen"
        with pytest.raises(TritonCircuitOpen):
            triton.check(1, deadline=clock().time() + 10)
        assert client.calls == MIN_CALLS
        client.failure = None
        await asyncio.sleep(FIRST_OPEN_S)
        assert [await ask(triton), await ask(triton), triton.breaker.state] == ["Scores", "Scores", "closed"]
        assert triton.shedding.under_way == 0

    run(main())


@pytest.mark.parametrize(
    "failure", [TritonRejected("no"), TritonOverloaded(1.0), RuntimeError("ours"), asyncio.CancelledError()]
)
def test_what_is_not_tritons_fault_opens_nothing(failure: BaseException) -> None:
    """A request that it refuses, a full queue, an error of the gateway's own, and a caller that hangs up."""

    async def main() -> None:
        client, triton = guarded()
        client.failure = failure
        for _ in range(3 * MIN_CALLS):
            with pytest.raises(type(failure)):
                await triton.classify(["Good."], deadline=clock().time() + 10)
        assert triton.breaker.state == "closed"
        assert triton.shedding.under_way == 0

    run(main())


@pytest.mark.parametrize(("within_s", "state"), [(0.5, "closed"), (2.0, "open")])
def test_who_gave_it_hardly_any_time_opens_nothing(within_s: float, state: str) -> None:
    """A caller that sent its body slowly can't close the way for others; a Triton that hangs is noticed."""

    async def main() -> None:
        client, triton = guarded()
        client.takes_s = 60
        await asyncio.gather(*(ask(triton, within_s=within_s) for _ in range(2 * MIN_CALLS)))
        assert triton.breaker.state == state

    run(main())


def test_who_waits_is_not_let_through_to_a_triton_that_fails() -> None:
    """Those that waited when the circuit opened are refused when their turn comes, and not asked for."""

    async def main() -> None:
        client, triton = guarded()
        client.failure = TritonError("away")
        client.takes_s = 1.5
        triton.shedding.limit.texts = float(MIN_CALLS)
        found = await asyncio.gather(*(ask(triton, within_s=30) for _ in range(2 * MIN_CALLS)))
        assert found == ["TritonError"] * MIN_CALLS + ["TritonCircuitOpen"] * MIN_CALLS
        assert client.calls == MIN_CALLS
        assert (triton.shedding.under_way, triton.shedding.waiting) == (0, 0)

    run(main())


def test_a_real_client_behind_it() -> None:
    """Ten failures of a gRPC server open it; the next call never leaves."""
    server = FakeTritonServer()
    server.logits = [float("nan"), 1.0]

    async def main() -> None:
        async with serving(server) as port, asking(f"dns:///{LOOPBACK}:{port}") as client:
            now = client._clock
            triton = GuardedTriton(client, breaker=Breaker(clock=now), shedding=Shedding(clock=now), clock=now)
            for _ in range(MIN_CALLS):
                with pytest.raises(TritonError):
                    await triton.classify(["Good."], deadline=now.monotonic() + 10)
            with pytest.raises(TritonCircuitOpen):
                await triton.classify(["Good."], deadline=now.monotonic() + 10)

    asyncio.run(main())
    assert len(server.requests) == MIN_CALLS


@pytest.mark.parametrize(
    ("error", "name", "retry_after"),
    [
        (TritonError(), "model_unavailable", "2"),
        (TritonRejected(), "model_unavailable", "2"),
        (TritonCircuitOpen(3.2), "model_unavailable", "4"),
        (TritonOverloaded(0.2), "overloaded", "1"),
        (TritonOverloaded(1.2), "overloaded", "2"),
    ],
)
def test_callers_are_told_when_to_come_back(error: TritonError, name: str, retry_after: str) -> None:
    """In whole seconds, and at least one."""
    problem = problem_of(error)
    assert (problem.status, problem.name, problem.headers["Retry-After"]) == (503, name, retry_after)
