"""The batcher, with a model that waits until it is let: what is submitted meanwhile waits too."""

import asyncio
from collections.abc import Callable, Sequence

import pytest

from services.fastapi_svc.batcher import Batcher, Policy, QueueFullError
from services.http.schemas import Label
from tests.services.fastapi_svc.blocking import Blocking

Made = Batcher[tuple[Label, float]]


def batcher(
    model: Blocking, policy: Policy, *, seen: list[float] | None = None, clock: Callable[[], float] | None = None
) -> Made:
    observed: list[float] = [] if seen is None else seen
    options = {"monotonic": clock} if clock else {}
    return Batcher(model.classify, policy, observe_batch=observed.append, observe_wait=observed.append, **options)


def outcomes(
    model: Blocking, policy: Policy, *requests: Sequence[str]
) -> list[list[tuple[Label, float]] | BaseException]:
    """What all requests come to, submitted before the model is let."""

    async def run() -> list[list[tuple[Label, float]] | BaseException]:
        made = batcher(model, policy)
        answers = [made.submit(texts) for texts in requests]
        model.let.set()
        return await asyncio.gather(*answers, return_exceptions=True)

    return asyncio.run(run())


def test_what_comes_while_a_batch_runs_is_the_next_batch() -> None:
    """The first starts at once, alone; the others run together."""
    model = Blocking()
    outcomes(model, Policy(), ["a"], ["b"], ["c", "d"], ["e"])
    assert model.batches == [["a"], ["b", "c", "d", "e"]]


def test_each_request_gets_the_answers_to_its_texts_in_order() -> None:
    """Whatever ran beside them."""
    found = outcomes(Blocking(), Policy(), ["a"], ["bb", "a"], ["ccc"], ["dddd", "bb"])
    assert found == [
        [("POSITIVE", 1.0)],
        [("POSITIVE", 1 / 2), ("POSITIVE", 1.0)],
        [("POSITIVE", 1 / 3)],
        [("POSITIVE", 1 / 4), ("POSITIVE", 1 / 2)],
    ]


def test_a_batch_has_at_most_max_batch_texts_and_no_request_is_taken_apart() -> None:
    """A request that does not fit begins the next batch; one that is larger than a batch has its own."""
    model = Blocking()
    outcomes(model, Policy(max_batch=3), ["a"], ["b", "c"], ["d", "e"], ["f"], ["g", "h", "i", "j"], ["k"])
    assert model.batches == [["a"], ["b", "c"], ["d", "e", "f"], ["g", "h", "i", "j"], ["k"]]


def test_the_naive_baseline_runs_each_request_alone() -> None:
    """That is what a batch of one text comes to."""
    model = Blocking()
    outcomes(model, Policy(max_batch=1), ["a"], ["b"], ["c", "d"])
    assert model.batches == [["a"], ["b"], ["c", "d"]]


def test_a_request_that_fails_spoils_no_other() -> None:
    """The requests of a batch that failed are tried one by one, and only the bad one gets the error."""
    _, good, bad, last = outcomes(Blocking(), Policy(), ["a"], ["bb"], ["a", "bad"], ["a"])
    assert good == [("POSITIVE", 1 / 2)]
    assert isinstance(bad, ValueError)
    assert last == [("POSITIVE", 1.0)]


def test_as_many_batches_run_at_a_time_as_may() -> None:
    """With two, the second request need not wait for the first."""
    model = Blocking()
    outcomes(model, Policy(concurrency=2), ["a"], ["b"], ["c"], ["d"])
    assert sorted(model.batches[:2]) == [["a"], ["b"]]
    assert model.batches[2:] == [["c", "d"]]


def test_more_than_may_wait_is_refused_until_there_is_room() -> None:
    """What runs does not count; what leaves the queue makes room."""

    async def run() -> None:
        model = Blocking()
        made = batcher(model, Policy(queue_size=2))
        made.submit(["a"])
        waiting = made.submit(["b", "c"])
        with pytest.raises(QueueFullError):
            made.submit(["d"])
        model.let.set()
        await waiting
        assert await made.submit(["e", "f"]) == [("POSITIVE", 1.0)] * 2

    asyncio.run(run())


def test_a_cancelled_request_leaves_the_queue() -> None:
    """It is not run, and its place is free."""

    async def run() -> None:
        model = Blocking()
        made = batcher(model, Policy(queue_size=2))
        running, waiting = made.submit(["a"]), made.submit(["b", "c"])
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        last = made.submit(["d", "e"])
        model.let.set()
        await asyncio.gather(running, last)
        assert model.batches == [["a"], ["d", "e"]]

    asyncio.run(run())


def test_a_request_cancelled_while_it_runs_harms_no_other() -> None:
    """Its answer goes nowhere."""

    async def run() -> None:
        model = Blocking()
        made = batcher(model, Policy())
        running, waiting = made.submit(["a"]), made.submit(["b"])
        running.cancel()
        model.let.set()
        assert await waiting == [("POSITIVE", 1.0)]

    asyncio.run(run())


def test_nothing_starts_for_requests_that_have_all_left() -> None:
    """An empty batch is no run."""

    async def run() -> None:
        model = Blocking()
        made = batcher(model, Policy())
        running, waiting = made.submit(["a"]), made.submit(["b"])
        waiting.cancel()
        model.let.set()
        await running
        assert await made.submit(["c"]) == [("POSITIVE", 1.0)]
        assert model.batches == [["a"], ["c"]]

    asyncio.run(run())


def test_with_a_delay_a_batch_waits_until_it_is_full() -> None:
    """A delay of an hour ends with the text that fills the batch."""
    model = Blocking()
    outcomes(model, Policy(max_batch=3, delay_s=3600), ["a"], ["b"], ["c"])
    assert model.batches == [["a", "b", "c"]]


def test_with_a_delay_a_batch_starts_when_its_time_is_over() -> None:
    """The two that came meanwhile run together."""
    model, now = Blocking(), 0.0

    async def run() -> None:
        nonlocal now
        made = batcher(model, Policy(delay_s=0.001), clock=lambda: now)
        answers = [made.submit(["a"]), made.submit(["b"])]
        now = 1.0
        model.let.set()
        await asyncio.gather(*answers)

    asyncio.run(run())
    assert model.batches == [["a", "b"]]


def test_says_how_large_batches_are_and_how_long_requests_waited() -> None:
    """Nothing waits for the first batch; each request of the second waited since it came."""

    async def run() -> list[float]:
        model, now = Blocking(), iter(range(100))
        seen: list[float] = []
        made = batcher(model, Policy(), seen=seen, clock=lambda: float(next(now)))
        answers = [made.submit(["a"]), made.submit(["b", "c"])]
        model.let.set()
        await asyncio.gather(*answers)
        return seen

    first_wait, first_texts, second_wait, second_texts = asyncio.run(run())
    assert (first_texts, second_texts) == (1, 2)
    assert 0 < first_wait <= second_wait
