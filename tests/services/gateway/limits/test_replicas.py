"""How a gateway learns among how many it divides."""

import asyncio
import socket
from typing import Any

import pytest

from services.gateway.limits.replicas import INTERVAL_S, REMEMBERED_S, STALE_S, Replicas, resolver
from tests.services.gateway.harness import StandingClock


class Name:
    """A DNS name; a test changes what it resolves to."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.failure: OSError | None = None

    async def __call__(self) -> list[str]:
        if self.failure:
            raise self.failure
        return [f"10.0.0.{number}" for number in range(self.count)]


async def watch(replicas: Replicas, clock: StandingClock, seconds: float) -> int:
    """The count after so many seconds, in which the name was asked as often as it is."""
    for _ in range(round(seconds / INTERVAL_S)):
        clock.seconds += INTERVAL_S
        await replicas.check()
    return replicas.count


@pytest.fixture
def name() -> Name:
    return Name(3)


@pytest.fixture
def replicas(name: Name, clock: StandingClock) -> Replicas:
    return Replicas(name, most=8, clock=clock)


def test_it_begins_with_as_many_as_there_can_be(name: Name, replicas: Replicas, clock: StandingClock) -> None:
    """Until the others have seen this one; then it counts those that are ready."""
    assert replicas.count == 8
    assert asyncio.run(watch(replicas, clock, 10)) == 8
    assert asyncio.run(watch(replicas, clock, 10)) == 3


def test_one_more_counts_at_once(name: Name, replicas: Replicas, clock: StandingClock) -> None:
    """A larger number is the careful one."""
    asyncio.run(watch(replicas, clock, 60))
    name.count = 5
    assert asyncio.run(watch(replicas, clock, INTERVAL_S)) == 5


def test_one_less_counts_when_it_has_ended(name: Name, replicas: Replicas, clock: StandingClock) -> None:
    """A gateway that is told to stop leaves DNS first and serves for a while."""
    asyncio.run(watch(replicas, clock, 60))
    name.count = 2
    assert asyncio.run(watch(replicas, clock, REMEMBERED_S - INTERVAL_S)) == 3
    assert asyncio.run(watch(replicas, clock, 2 * INTERVAL_S)) == 2


@pytest.mark.parametrize("wrong", [0, 9, 200, OSError(), socket.gaierror(-2, "no such name")])
def test_a_wrong_answer_counts_as_many_as_there_can_be(
    name: Name, replicas: Replicas, clock: StandingClock, wrong: Any
) -> None:
    """Not at the first, which may be a hiccup, but before the last good one is old; a good one helps at once."""
    asyncio.run(watch(replicas, clock, 60))
    name.count, name.failure = (wrong, None) if isinstance(wrong, int) else (3, wrong)
    assert asyncio.run(watch(replicas, clock, INTERVAL_S)) == 3
    assert asyncio.run(watch(replicas, clock, STALE_S - INTERVAL_S)) == 8
    name.count, name.failure = 3, None
    assert asyncio.run(watch(replicas, clock, INTERVAL_S)) == 3


def test_no_answer_at_all_counts_as_many_as_there_can_be(replicas: Replicas, clock: StandingClock) -> None:
    """A resolver that hangs is a missing answer too."""
    asyncio.run(watch(replicas, clock, 60))
    clock.seconds += STALE_S
    assert replicas.count == 8


def test_without_a_name_it_is_the_configured_number(clock: StandingClock) -> None:
    """A gateway by itself; there is nothing to ask for ever."""
    replicas = Replicas(None, most=1, clock=clock)
    asyncio.run(replicas.run())
    assert replicas.count == 1


def test_it_asks_for_ever(name: Name, replicas: Replicas, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every few seconds, until it is cancelled."""
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 3:
            raise asyncio.CancelledError

    monkeypatch.setattr("services.gateway.limits.replicas.asyncio.sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(replicas.run())
    assert waits == [INTERVAL_S] * 3


def test_the_name_is_asked_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fully qualified, so that no search domain is tried; each address counts once."""
    asked: list[Any] = []

    def getaddrinfo(host: str, port: Any, *more: Any, **named: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"10.0.0.{number}", 0)) for number in (1, 2)]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    found = asyncio.run(resolver("gateway-headless.gateway.svc.cluster.local")())
    assert set(found) == {"10.0.0.1", "10.0.0.2"}
    assert asked == ["gateway-headless.gateway.svc.cluster.local."]
