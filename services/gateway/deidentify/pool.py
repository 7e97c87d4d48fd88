"""Runs engines on threads of their own, so that the event loop never waits long for them."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue

from services.gateway.clock import Clock
from services.gateway.deidentify import DeidentificationError, Deidentified, Engine, LanguageRefused, Scope

AT_ONCE = 512
"""Characters that the event loop reads itself: a millisecond, and of text that was made to cost time about five."""


class DeidentifierPool:
    """One engine a thread. After a missed deadline a thread finishes the text it is on and no other of that request.

    The texts of a request that have up to `at_once` characters together are read in the event loop's own thread where an
    engine is idle: to hand them to another and to be woken by it takes as long as reading them.
    """

    def __init__(self, make_engine: Callable[[], Engine], *, threads: int, clock: Clock, at_once: int = 0) -> None:
        self._make_engine = make_engine
        self._at_once = at_once
        self._threads = threads
        self._clock = clock
        self._idle: SimpleQueue[Engine] = SimpleQueue()
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="deidentify")
        self._ready = False

    @property
    def ready(self) -> bool:
        """Whether every engine is loaded and has read a first text."""
        return self._ready

    async def load(self) -> None:
        """Load and warm up one engine for each thread."""
        loop = asyncio.get_running_loop()
        try:
            await asyncio.gather(*(loop.run_in_executor(self._executor, self._load_one) for _ in range(self._threads)))
        except Exception:
            raise DeidentificationError("an engine could not be loaded") from None
        self._ready = True

    def _load_one(self) -> None:
        engine = self._make_engine()
        engine.deidentify("Dr. Warm Up saw the patient.")
        self._idle.put(engine)

    async def deidentify(
        self, texts: Sequence[str], *, deadline: float, scope: Scope | None = None
    ) -> list[Deidentified]:
        """See `Deidentifier`. Every failure becomes DeidentificationError without a cause, which might quote text."""
        if not self._ready:
            raise DeidentificationError("not loaded")
        scope = scope or Scope.of_its_own()  # the texts of a request agree with each other
        try:
            if sum(map(len, texts)) <= self._at_once and (engine := self._idle_engine()):
                found = self._read(engine, texts, deadline, scope)
                self._check(deadline)
                return found
            job = asyncio.get_running_loop().run_in_executor(self._executor, self._run, list(texts), deadline, scope)
            async with asyncio.timeout(max(0.0, deadline - self._clock.monotonic())):
                return await job
        except LanguageRefused:
            raise
        except Exception:
            raise DeidentificationError("failed") from None

    def _idle_engine(self) -> Engine | None:
        try:
            return self._idle.get_nowait()
        except Empty:
            return None

    def _run(self, texts: list[str], deadline: float, scope: Scope) -> list[Deidentified]:
        return self._read(self._idle.get(), texts, deadline, scope)

    def _read(self, engine: Engine, texts: Sequence[str], deadline: float, scope: Scope) -> list[Deidentified]:
        try:
            return [self._one(engine, text, deadline, scope) for text in texts]
        finally:
            self._idle.put(engine)

    def _one(self, engine: Engine, text: str, deadline: float, scope: Scope) -> Deidentified:
        self._check(deadline)
        return engine.deidentify(text, scope)

    def _check(self, deadline: float) -> None:
        if self._clock.monotonic() > deadline:
            raise DeidentificationError("deadline passed")

    def close(self) -> None:
        """Drop what waits; what runs finishes on its own."""
        self._ready = False
        self._executor.shutdown(wait=False, cancel_futures=True)
