"""Short texts, which are read where the event loop is."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from services.gateway.clock import SystemClock
from services.gateway.deidentify import DeidentificationError, LanguageRefused
from services.gateway.deidentify.pool import DeidentifierPool
from tests.services.gateway.deidentify.test_pool import ScriptedEngine
from tests.services.gateway.harness import StandingClock

AT_ONCE = 10


def run(act: Callable[[str], Any], ask: Callable[[DeidentifierPool], Awaitable[Any]], *, clock: Any = None) -> Any:
    """What `ask` gets from a pool with one engine, which does `act` with each text."""

    async def go() -> Any:
        pool = DeidentifierPool(lambda: ScriptedEngine(act), threads=1, clock=clock or SystemClock(), at_once=AT_ONCE)
        await pool.load()
        try:
            return await ask(pool)
        finally:
            pool.close()

    return asyncio.run(go())


def test_short_texts_are_read_in_the_event_loops_thread() -> None:
    """Up to the limit, all texts of the request counted; longer ones are read in another."""
    seen: dict[str, bool] = {}

    def act(text: str) -> None:
        seen[text] = threading.current_thread() is threading.main_thread()

    async def ask(pool: DeidentifierPool) -> Any:
        deadline = SystemClock().monotonic() + 5
        return [await pool.deidentify(texts, deadline=deadline) for texts in (["a" * 5, "b" * 5], ["c" * 5, "d" * 6])]

    first, second = run(act, ask)
    assert [each.text for each in (*first, *second)] == ["AAAAA", "BBBBB", "CCCCC", "DDDDDD"]
    del seen["Dr. Warm Up saw the patient."]
    assert seen == {"aaaaa": True, "bbbbb": True, "ccccc": False, "dddddd": False}


def test_a_short_text_waits_for_an_engine_without_holding_the_loop() -> None:
    """While the only engine reads a long text elsewhere, a short one is read behind it."""
    reading, release = threading.Event(), threading.Event()

    def act(text: str) -> None:
        if text.startswith("long"):
            reading.set()
            assert release.wait(10)

    async def ask(pool: DeidentifierPool) -> Any:
        deadline = SystemClock().monotonic() + 10
        long = asyncio.ensure_future(pool.deidentify(["long" * AT_ONCE], deadline=deadline))
        await asyncio.to_thread(reading.wait, 10)
        short = asyncio.ensure_future(pool.deidentify(["short"], deadline=deadline))
        await asyncio.sleep(0)  # the loop goes on
        release.set()
        return [*await long, *await short]

    assert [each.text for each in run(act, ask)] == ["LONG" * AT_ONCE, "SHORT"]


@pytest.mark.parametrize("raised", [ValueError("Mary"), LanguageRefused()])
def test_a_failure_gives_the_engine_back(raised: Exception) -> None:
    """As in another thread: what an engine raises is one error without its words, and the engine serves the next text."""

    def act(text: str) -> None:
        if text == "Mary":
            raise raised

    async def ask(pool: DeidentifierPool) -> None:
        deadline = SystemClock().monotonic() + 5
        for _ in range(2):
            kind = LanguageRefused if isinstance(raised, LanguageRefused) else DeidentificationError
            with pytest.raises(kind) as failure:
                await pool.deidentify(["Mary"], deadline=deadline)
            assert "Mary" not in str(failure.value)
        assert [each.text for each in await pool.deidentify(["next"], deadline=deadline)] == ["NEXT"]

    run(act, ask)


def test_what_took_longer_than_the_deadline_is_not_given_back() -> None:
    """A short text that is done too late is an error, like one in another thread."""
    clock = StandingClock()

    def act(text: str) -> None:
        clock.seconds += 6 if text == "slow" else 0

    async def ask(pool: DeidentifierPool) -> None:
        with pytest.raises(DeidentificationError):
            await pool.deidentify(["slow"], deadline=clock.monotonic() + 5)

    run(act, ask, clock=clock)
