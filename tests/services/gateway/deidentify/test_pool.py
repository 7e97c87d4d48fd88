import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from services.gateway.clock import SystemClock
from services.gateway.deidentify import DeidentificationError, Deidentified, LanguageRefused, Scope
from services.gateway.deidentify.pool import DeidentifierPool
from tests.services.gateway.harness import StandingClock


class ScriptedEngine:
    """Does what it is told for each text."""

    def __init__(self, act: Callable[[str], Any]) -> None:
        self._act = act
        self.scopes: list[Scope | None] = []

    def deidentify(self, text: str, scope: Scope | None = None) -> Deidentified:
        self.scopes.append(scope)
        self._act(text)
        return Deidentified(text.upper(), ())


def run(act: Callable[[str], Any], texts: list[str], *, threads: int = 1, clock: Any = None, seconds: float = 5) -> Any:
    clock = clock or SystemClock()

    async def go() -> Any:
        pool = DeidentifierPool(lambda: ScriptedEngine(act), threads=threads, clock=clock)
        assert not pool.ready
        await pool.load()
        assert pool.ready
        try:
            return await pool.deidentify(texts, deadline=clock.monotonic() + seconds)
        finally:
            pool.close()

    return asyncio.run(go())


def test_texts_come_back_in_order() -> None:
    """Every text is de-identified, in order, on a thread that isn't the event loop's."""
    seen = set()
    found = run(lambda _text: seen.add(threading.current_thread().name), ["a", "b"])
    assert [each.text for each in found] == ["A", "B"]
    assert threading.main_thread().name not in seen


def test_an_engines_error_is_one_error_without_its_words() -> None:
    """Whatever an engine raises becomes one error that quotes nothing."""

    def fail(text: str) -> None:
        if text == "Mary":
            raise ValueError(text)

    with pytest.raises(DeidentificationError) as failure:
        run(fail, ["Mary"])
    assert "Mary" not in str(failure.value)
    assert failure.value.__suppress_context__


def test_a_language_refusal_stays_one() -> None:
    """A refusal isn't a failure."""

    def refuse(text: str) -> None:
        if text == "Gut":
            raise LanguageRefused

    with pytest.raises(LanguageRefused):
        run(refuse, ["Gut"])


def test_the_deadline_ends_the_wait() -> None:
    """An engine that hangs gives the error at the deadline."""
    release = threading.Event()
    try:
        with pytest.raises(DeidentificationError):
            run(lambda text: release.wait(10) if text == "slow" else None, ["slow"], seconds=0.05)
    finally:
        release.set()


def test_after_the_deadline_no_further_text_is_begun() -> None:
    """A request that nobody waits for doesn't hold the thread until its last text."""
    clock, seen = StandingClock(), []

    def act(text: str) -> None:
        seen.append(text)
        clock.seconds += 6 if text == "first" else 0

    with pytest.raises(DeidentificationError):
        run(act, ["first", "second"], clock=clock)
    assert "second" not in seen


def test_an_unloaded_pool_refuses() -> None:
    """Before loading, nothing is de-identified and nothing passes."""

    async def go() -> None:
        pool = DeidentifierPool(lambda: ScriptedEngine(str), threads=1, clock=SystemClock())
        with pytest.raises(DeidentificationError):
            await pool.deidentify(["a"], deadline=SystemClock().monotonic() + 5)
        pool.close()

    asyncio.run(go())


def test_a_pool_that_cannot_load_is_not_ready() -> None:
    """An engine that can't be loaded leaves the pool unready."""

    def broken() -> ScriptedEngine:
        raise OSError("no model")

    async def go() -> None:
        pool = DeidentifierPool(broken, threads=2, clock=SystemClock())
        with pytest.raises(DeidentificationError):
            await pool.load()
        assert not pool.ready
        pool.close()

    asyncio.run(go())


def test_no_engine_is_used_by_two_threads() -> None:
    """With two threads there are two engines, and each serves one thread at a time."""
    made: list[ScriptedEngine] = []
    both = threading.Barrier(2, timeout=10)

    async def go() -> None:
        def make() -> ScriptedEngine:
            made.append(ScriptedEngine(lambda text: both.wait() if text == "meet" else None))
            return made[-1]

        pool = DeidentifierPool(make, threads=2, clock=SystemClock())
        await pool.load()
        deadline = SystemClock().monotonic() + 10
        await asyncio.gather(*(pool.deidentify(["meet"], deadline=deadline) for _ in range(2)))
        pool.close()

    asyncio.run(go())
    assert len(made) == 2


def test_the_texts_of_a_request_share_a_scope() -> None:
    """Without one given they get one of their own, so that surrogates agree within a request and nowhere else."""
    engine = ScriptedEngine(str)

    async def go() -> None:
        pool = DeidentifierPool(lambda: engine, threads=1, clock=SystemClock())
        await pool.load()
        deadline = SystemClock().monotonic() + 5
        engine.scopes.clear()
        await pool.deidentify(["a", "b"], deadline=deadline)
        await pool.deidentify(["c"], deadline=deadline)
        await pool.deidentify(["d"], deadline=deadline, scope=Scope("talk"))
        pool.close()

    asyncio.run(go())
    first, second, third, fourth = engine.scopes
    assert first == second != third
    assert fourth == Scope("talk")
