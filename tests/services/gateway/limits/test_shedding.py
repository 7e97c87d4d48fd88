"""Who waits before Triton, and who is refused at once: in virtual time, so that minutes take a moment."""

import asyncio
import random
from dataclasses import dataclass, field

import pytest

from services.gateway.limits.aimd import LEAST, START
from services.gateway.limits.shedding import MAX_WAIT_S, Shedding
from services.gateway.triton_client import TritonOverloaded
from tests.services.gateway.limits.virtual_time import clock, run


@dataclass
class Triton:
    """Answers one batch after the other, each of up to 32 texts; `per_s` texts a second."""

    per_s: float
    queue: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0
    longest_queue: int = 0

    async def ask(self, texts: int) -> None:
        self.waiting += texts
        self.longest_queue = max(self.longest_queue, self.waiting)
        async with self.queue:
            self.waiting -= texts
            await asyncio.sleep(texts / self.per_s)


@dataclass
class Load:
    """What became of the requests of an open loop, which come whether or not others were answered."""

    shedding: Shedding
    triton: Triton
    timeout_s: float
    answered: int = 0
    late: int = 0
    refused: int = 0
    refused_at_once: int = 0
    slowest_refusal_s: float = 0.0

    async def request(self, texts: int) -> None:
        began = clock().time()
        try:
            await self.shedding.enter(texts, began + self.timeout_s)
        except TritonOverloaded:
            self.refused += 1
            self.refused_at_once += clock().time() == began
            self.slowest_refusal_s = max(self.slowest_refusal_s, clock().time() - began)
            return
        asked, used = clock().time(), self.shedding.under_way
        await self.triton.ask(texts)
        self.shedding.limit.answered(texts, began=asked, used=used)
        self.shedding.leave(texts)
        self.answered += texts
        self.late += clock().time() - began > self.timeout_s

    async def offer(self, *, texts_per_s: float, seconds: float, seed: int, sizes: tuple[int, ...] = (1,)) -> None:
        chance, end, tasks = random.Random(seed), clock().time() + seconds, []
        while clock().time() < end:
            size = chance.choice(sizes)
            tasks.append(asyncio.create_task(self.request(size)))
            await asyncio.sleep(chance.expovariate(texts_per_s / size))
        await asyncio.gather(*tasks)


def load(*, per_s: float, timeout_s: float, offered: float, seed: int = 1, sizes: tuple[int, ...] = (1,)) -> Load:
    """A virtual minute of it."""

    async def main() -> Load:
        made = Load(Shedding(clock=clock()), Triton(per_s), timeout_s)
        await made.offer(texts_per_s=offered, seconds=60, seed=seed, sizes=sizes)
        return made

    return run(main())


@pytest.mark.parametrize(("over", "seed"), [(1.5, 1), (3.0, 2), (10.0, 3)])
def test_under_overload_what_is_accepted_is_answered_in_time(over: float, seed: int) -> None:
    """Triton is asked as much as it can answer, all of it in time, and the rest is refused."""
    found = load(per_s=200, timeout_s=5.0, offered=200 * over, seed=seed, sizes=(1, 1, 4, 32))
    assert found.refused > 0
    assert found.late == 0
    assert found.answered > 0.95 * 200 * 60
    assert found.refused_at_once > 0.8 * found.refused
    assert found.slowest_refusal_s == pytest.approx(MAX_WAIT_S) or found.slowest_refusal_s < MAX_WAIT_S


def test_the_queue_of_triton_stays_short() -> None:
    """About as long as what it answers in the second that counts as slow: far from where it would refuse."""
    found = load(per_s=200, timeout_s=20.0, offered=400)
    assert found.triton.longest_queue <= 1.5 * 200
    assert found.shedding.limit.texts < 1.5 * 200


def test_a_slow_triton_is_asked_one_full_request_at_a_time() -> None:
    """Where a request takes seconds, the limit falls to its least, and answers still come."""
    found = load(per_s=16, timeout_s=20.0, offered=160, sizes=(32,))
    assert found.shedding.limit.texts == LEAST
    assert found.answered > 0.9 * 16 * 60


def test_without_overload_nobody_is_refused() -> None:
    """At seven tenths of what Triton can do."""
    assert load(per_s=200, timeout_s=5.0, offered=140).refused == 0


def test_nothing_is_left_behind() -> None:
    """After the load nothing counts as under way or waiting."""
    found = load(per_s=200, timeout_s=0.5, offered=2000, sizes=(1, 32))
    assert (found.shedding.under_way, found.shedding.waiting) == (0, 0)


async def _full(slow_s: float = 1.0) -> Shedding:
    """All of the limit is under way; an answer takes a tenth of a second."""
    shedding = Shedding(clock=clock(), slow_s=slow_s)
    began = clock().time()
    await asyncio.sleep(0.1)
    shedding.limit.answered(1, began=began, used=0)
    await shedding.enter(START, clock().time() + 10)
    return shedding


async def _settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_who_comes_first_is_served_first() -> None:
    """A small request does not pass a large one that waits, so that the large one is not put off for ever."""

    async def main() -> list[int]:
        shedding, order = await _full(), []

        async def enter(texts: int) -> None:
            await shedding.enter(texts, clock().time() + 10)
            order.append(texts)

        tasks = [asyncio.create_task(enter(texts)) for texts in (32, 2, 1)]
        await _settle()
        shedding.leave(1)
        await _settle()
        assert (order, shedding.waiting) == ([], 35)
        shedding.leave(START - 1)
        await asyncio.gather(*tasks)
        return order

    assert run(main()) == [32, 2, 1]


def test_who_would_wait_too_long_is_refused_at_once() -> None:
    """When the expected wait and an answer are more than what is left until the deadline; it is told how long."""

    async def main() -> None:
        shedding = await _full()
        began = clock().time()
        with pytest.raises(TritonOverloaded) as refusal:
            await shedding.enter(32, began + 0.11)
        assert clock().time() == began
        assert refusal.value.retry_after_s == pytest.approx(32 * 0.1 / START)
        with pytest.raises(TritonOverloaded):
            shedding.check(32, began + 0.11)
        shedding.check(32, began + 1)
        assert (shedding.waiting, shedding.refused) == (0, 2)

    run(main())


def test_who_waits_longer_than_expected_is_refused_before_the_deadline() -> None:
    """A Triton that stands still keeps nobody longer than the longest wait."""

    async def main() -> None:
        shedding = await _full()
        began = clock().time()
        with pytest.raises(TritonOverloaded):
            await shedding.enter(1, began + 1)
        assert clock().time() - began == pytest.approx(0.9)
        with pytest.raises(TritonOverloaded):
            await shedding.enter(1, began + 60)
        assert clock().time() - began == pytest.approx(0.9 + MAX_WAIT_S)
        assert (shedding.waiting, shedding.under_way) == (0, START)

    run(main())


@pytest.mark.parametrize("granted", [True, False])
def test_who_hangs_up_while_waiting_leaves_no_trace(granted: bool) -> None:
    """Also in the moment in which it would have been its turn; whoever is behind moves up."""

    async def main() -> None:
        shedding = await _full()
        gone, behind = (asyncio.create_task(shedding.enter(texts, clock().time() + 10)) for texts in (32, 1))
        await _settle()
        if granted:
            shedding.leave(32)
            gone.cancel()
        else:
            gone.cancel()
            shedding.leave(1)
        await asyncio.wait([gone])
        assert gone.cancelled()
        await behind
        assert shedding.waiting == 0
        assert shedding.under_way == START - (32 if granted else 1) + 1

    run(main())


def test_the_largest_request_always_finds_its_way() -> None:
    """A request of more texts than the limit is asked when nothing else is under way."""

    async def main() -> None:
        shedding = Shedding(clock=clock())
        await shedding.enter(START + 1, clock().time() + 1)
        assert shedding.under_way == START + 1

    run(main())
