"""The same requests for every path, by one client and by many: fixed numbers of them, so that all meet the same texts."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from loadtests.bench.callers import Caller, Connection, Latencies


@dataclass(frozen=True)
class Saturated:
    """What each request took, and all of them together, in seconds."""

    latencies: Latencies
    seconds: float

    @property
    def per_s(self) -> float:
        """Requests answered a second."""
        return len(self.latencies) / self.seconds


async def one_after_other(caller: Caller, requests: Sequence[bytes]) -> Latencies:
    """One client, on one connection."""
    return (await by_many(caller, requests, 1)).latencies


async def by_many(caller: Caller, requests: Iterable[bytes], clients: int) -> Saturated:
    """So many clients, each of which asks the next request when it has the last one's answer."""
    connections = [await caller.connect() for _ in range(clients)]
    left, latencies = iter(requests), []
    began = time.perf_counter()

    async def client(connection: Connection) -> None:
        for request in left:
            asked = time.perf_counter()
            await connection.ask(request)
            latencies.append(time.perf_counter() - asked)

    try:
        await asyncio.gather(*(client(each) for each in connections))
        return Saturated(latencies, time.perf_counter() - began)
    finally:
        await asyncio.gather(*(each.close() for each in connections))
