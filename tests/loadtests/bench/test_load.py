"""Asking one after the other and by many at a time."""

import asyncio
from collections.abc import Sequence

from loadtests.bench.callers import Connection
from loadtests.bench.load import Saturated, by_many, one_after_other


class Path:
    """Answers at once, or when as many ask at a time as `together`; remembers what it was asked."""

    name = "path"
    requests: Sequence[bytes] = ()

    def __init__(self, together: int = 1) -> None:
        self.asked: list[bytes] = []
        self.connections = self.closed = 0
        self._together = asyncio.Barrier(together)

    async def connect(self) -> Connection:
        self.connections += 1
        return self

    async def ask(self, request: bytes) -> None:
        self.asked.append(request)
        await self._together.wait()

    async def close(self) -> None:
        self.closed += 1


REQUESTS = [bytes([number]) for number in range(12)]


def test_one_client_asks_in_order_on_one_connection() -> None:
    """There is a latency for each request."""

    async def run() -> tuple[Path, list[float]]:
        path = Path()
        return path, await one_after_other(path, REQUESTS)

    path, latencies = asyncio.run(run())
    assert (path.asked, path.connections, path.closed) == (REQUESTS, 1, 1)
    assert len(latencies) == 12
    assert min(latencies) >= 0


def test_many_clients_ask_each_request_once_and_all_at_a_time() -> None:
    """Four clients with a connection each: the path, which answers four at a time only, answers all."""

    async def run() -> tuple[Path, Saturated]:
        path = Path(together=4)
        async with asyncio.timeout(60):
            return path, await by_many(path, REQUESTS, 4)

    path, saturated = asyncio.run(run())
    assert (sorted(path.asked), path.connections, path.closed) == (REQUESTS, 4, 4)
    assert len(saturated.latencies) == 12


def test_throughput_is_requests_over_the_time_that_all_took() -> None:
    """Not over the sum of their latencies."""
    assert Saturated(latencies=[1.0, 1.0, 1.0], seconds=1.5).per_s == 2.0
