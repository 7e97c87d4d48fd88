"""The limits of callers, at one gateway and at several."""

import asyncio
import random
from collections.abc import Callable

import pytest

from services.gateway.auth.principal import Principal
from services.gateway.limits.admission import Admission, Limits
from services.gateway.limits.quota import BURST_S, Quota
from services.gateway.limits.replicas import INTERVAL_S, REMEMBERED_S, Replicas
from services.http.problems import Problem, ProblemError
from tests.services.gateway.harness import StandingClock

QUOTA = Quota(requests_per_minute=120, texts_per_minute=1200, concurrency=4)
CALLER = Principal("caller-7", frozenset({"classify"}))


def gateways(count: int, clock: StandingClock, *, most: int | None = None, listed: Callable[[], int] | None = None):  # type: ignore[no-untyped-def]
    """So many gateways; `listed` is how many addresses the name has for them."""

    async def resolve() -> list[str]:
        return [str(number) for number in range(listed() if listed else count)]

    made = [Replicas(resolve, most=most or count, clock=clock) for _ in range(count)]
    return made, [Limits(QUOTA, replicas=each, clock=clock) for each in made]


@pytest.fixture
def limits(clock: StandingClock) -> Limits:
    """Of a single gateway."""
    return gateways(1, clock)[1][0]  # type: ignore[no-any-return]


async def ask(limits: Limits, texts: int = 1, principal: Principal = CALLER) -> Problem | None:
    """The problem of one request, answered at once."""
    try:
        async with limits.admit(principal, texts):
            return None
    except ProblemError as refusal:
        return refusal.problem


def test_a_burst_passes_and_the_next_request_is_told_when(limits: Limits, clock: StandingClock) -> None:
    """Ten seconds' worth at once; then 429, and after Retry-After one more."""

    async def main() -> None:
        for _ in range(20):
            assert await ask(limits) is None
        problem = await ask(limits)
        assert problem
        assert (problem.status, problem.name, problem.headers["Retry-After"]) == (429, "rate_limited", "1")
        assert problem.headers["RateLimit"] == '"requests";r=0;t=1'
        assert limits.account(CALLER).in_flight == 0
        clock.seconds += 1
        assert await ask(limits) is None

    asyncio.run(main())
    assert limits.refused == {"requests": 1, "texts": 0, "concurrent": 0}


def test_texts_count_by_themselves(limits: Limits) -> None:
    """A few requests with many texts reach the other limit."""

    async def main() -> list[Problem | None]:
        return [await ask(limits, 32) for _ in range(7)]

    *passed, problem = asyncio.run(main())
    assert passed == [None] * 6
    assert problem
    assert (problem.name, problem.headers["RateLimit"]) == ("rate_limited", '"texts";r=0;t=2')


def test_texts_may_be_counted_later(limits: Limits) -> None:
    """When the body told how many; the refusal leaves nothing under way."""

    async def main() -> None:
        for _ in range(6):
            async with limits.admit(CALLER) as admission:
                admission.charge(32)
        with pytest.raises(ProblemError):
            async with limits.admit(CALLER) as admission:
                admission.charge(32)
        assert limits.account(CALLER).in_flight == 0

    asyncio.run(main())


def test_answers_say_what_is_left(limits: Limits) -> None:
    """In the structured fields of the draft."""

    async def main() -> dict[str, str]:
        async with limits.admit(CALLER, 8) as admission:
            return admission.headers

    assert asyncio.run(main()) == {
        "RateLimit-Policy": '"requests";q=120;w=60, "texts";q=1200;w=60;qu="texts", '
        '"concurrent";q=4;qu="concurrent-requests"',
        "RateLimit": '"requests";r=19;t=1, "texts";r=192;t=1',
    }


def test_only_so_many_are_under_way(limits: Limits) -> None:
    """The fifth is refused while four are; each that ends, however it ends, makes room for one."""

    async def main() -> None:
        entered = [limits.admit(CALLER, 1) for _ in range(4)]
        for each in entered:
            await each.__aenter__()
        problem = await ask(limits)
        assert problem
        assert (problem.status, problem.name) == (429, "too_many_concurrent")
        assert problem.headers["Retry-After"] == "1"
        assert await ask(limits, principal=Principal("another", frozenset())) is None
        await entered[0].__aexit__(RuntimeError, RuntimeError(), None)
        assert await ask(limits) is None

    asyncio.run(main())


def test_a_cancelled_request_is_no_longer_under_way(limits: Limits) -> None:
    """A caller that hangs up gives its place back."""

    async def held() -> None:
        async with limits.admit(CALLER, 1):
            await asyncio.Event().wait()

    async def main() -> None:
        tasks = [asyncio.create_task(held()) for _ in range(4)]
        await asyncio.sleep(0)
        assert await ask(limits)
        tasks[0].cancel()
        await asyncio.wait([tasks[0]])
        assert await ask(limits) is None
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

    asyncio.run(main())


def test_a_subject_is_no_certificate(limits: Limits) -> None:
    """Two callers that are called alike have limits of their own."""

    async def main() -> None:
        while await ask(limits) is None:
            pass
        assert await ask(limits, principal=Principal("caller-7", frozenset(), method="certificate")) is None

    asyncio.run(main())


@pytest.mark.parametrize("count", [1, 2, 3, 4])
@pytest.mark.parametrize("seed", range(3))
def test_gateways_together_admit_no_more_than_the_limit(clock: StandingClock, count: int, seed: int) -> None:
    """Whichever gateway a request comes to, and when: no more requests, texts or concurrency than one would admit."""
    _, made = gateways(count, clock)
    chance, began = random.Random(seed), clock.seconds
    under_way: list[Admission] = []
    passed = texts = most = 0

    async def main() -> None:
        nonlocal passed, texts, most
        for _ in range(4000):
            clock.seconds += chance.random() / 50
            if under_way and chance.random() < 0.5:
                await under_way.pop(chance.randrange(len(under_way))).__aexit__(None, None, None)
            admission, size = chance.choice(made).admit(CALLER), chance.choice([1, 2, 32])
            try:
                await admission.__aenter__()
            except ProblemError:
                continue
            under_way.append(admission)
            passed, most = passed + 1, max(most, len(under_way))
            try:
                admission.charge(size)
            except ProblemError:
                continue
            texts += size

    asyncio.run(main())
    seconds = clock.seconds - began + BURST_S
    assert 0 < passed <= 2 * seconds
    assert 0 < texts <= 20 * seconds
    assert most <= 4


def test_a_gateway_more_takes_its_part_from_the_others(clock: StandingClock) -> None:
    """While they have not seen it yet, the new one adds one part of as many as there can be, for 10 s at most."""
    listed = 2
    replicas, made = gateways(3, clock, most=4, listed=lambda: listed)

    async def check(which: int) -> None:
        await replicas[which].check()

    async def main() -> None:
        nonlocal listed
        for _ in range(20):
            clock.seconds += INTERVAL_S
            await check(0)
            await check(1)
        assert [each.count for each in replicas[:2]] == [2, 2]
        listed = 3
        assert replicas[2].count == 4
        rates = [each.share.requests.per_s for each in made]
        assert sum(rates) == pytest.approx(2 * (1 + 1 / 4))
        for which in range(3):
            await check(which)
        assert sum(each.share.requests.per_s for each in made) <= 2
        clock.seconds += REMEMBERED_S - 1
        for which in range(3):
            await check(which)
        assert [each.count for each in replicas] == [3, 3, 3]

    asyncio.run(main())
