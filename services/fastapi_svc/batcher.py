"""Micro-batching: what several requests ask for at a time runs as one batch."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Generic, TypeVar

Answer = TypeVar("Answer")


class QueueFullError(Exception):
    """More texts wait than may: try again later."""


@dataclass(frozen=True, kw_only=True)
class Policy:
    """When a batch starts and how much may wait for one."""

    max_batch: int = 32
    """Texts of a batch; 1 gives each request a run of its own, since a request is never taken apart."""
    delay_s: float = 0.0
    """How long the first request of a batch that is not full waits for company while nothing runs."""
    queue_size: int = 256
    """Texts that may wait."""
    concurrency: int = 1
    """Batches that run at a time."""


@dataclass(eq=False, slots=True)
class _Request(Generic[Answer]):
    texts: Sequence[str]
    answers: asyncio.Future[list[Answer]]
    since: float


class Batcher(Generic[Answer]):
    """Calls `run` with the texts of waiting requests, in a thread of its own, first come first served.

    A batch starts as soon as one may: those who come while it runs are the next, so batches grow with the load. All
    but `run` happens in the event loop's thread. Where `run` fails, each request of the batch is tried alone.
    """

    def __init__(
        self,
        run: Callable[[Sequence[str]], Sequence[Answer]],
        policy: Policy,
        *,
        observe_batch: Callable[[float], None],
        observe_wait: Callable[[float], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`observe_batch` is told the texts of each batch, `observe_wait` the seconds that each request waited for it."""
        self._run, self._policy, self._monotonic = run, policy, monotonic
        self._observe_batch, self._observe_wait = observe_batch, observe_wait
        self._pool = ThreadPoolExecutor(policy.concurrency, thread_name_prefix="inference")
        self._queue: deque[_Request[Answer]] = deque()
        self._waiting = self._running = 0
        self._timer: asyncio.TimerHandle | None = None

    def submit(self, texts: Sequence[str]) -> asyncio.Future[list[Answer]]:
        """The answers to the texts, in order; cancel it to leave the queue. Raises QueueFullError."""
        if self._waiting + len(texts) > self._policy.queue_size:
            raise QueueFullError
        request = _Request[Answer](texts, asyncio.get_running_loop().create_future(), self._monotonic())
        request.answers.add_done_callback(partial(self._left, request))
        self._queue.append(request)
        self._waiting += len(texts)
        self._start()
        return request.answers

    def _left(self, request: _Request[Answer], answers: asyncio.Future[list[Answer]]) -> None:
        if answers.cancelled() and request in self._queue:
            self._queue.remove(request)
            self._waiting -= len(request.texts)

    def _start(self) -> None:
        while self._queue and self._running < self._policy.concurrency and not self._delayed():
            if batch := self._take():
                self._running += 1
                loop = asyncio.get_running_loop()
                done = loop.run_in_executor(self._pool, self._work, [request.texts for request in batch])
                done.add_done_callback(partial(self._finish, batch))

    def _delayed(self) -> bool:
        """Whether the next batch has to wait for more; if so, it starts when its time is over."""
        left = self._queue[0].since + self._policy.delay_s - self._monotonic()
        if left <= 0 or self._waiting >= self._policy.max_batch:
            return False
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(left, self._due)
        return True

    def _due(self) -> None:
        self._timer = None
        self._start()

    def _take(self) -> list[_Request[Answer]]:
        """The first request and what fits beside it; empty where all that waited have left."""
        batch: list[_Request[Answer]] = []
        texts, now = 0, self._monotonic()
        while self._queue and (not batch or texts + len(self._queue[0].texts) <= self._policy.max_batch):
            request = self._queue.popleft()
            self._waiting -= len(request.texts)
            if not request.answers.done():
                batch.append(request)
                texts += len(request.texts)
                self._observe_wait(now - request.since)
        if batch:
            self._observe_batch(texts)
        return batch

    def _work(self, requests: Sequence[Sequence[str]]) -> list[list[Answer] | Exception]:
        """In the pool's thread: what each request comes to."""
        try:
            answers = iter(self._run([text for texts in requests for text in texts]))
        except Exception as error:  # whatever it was, it is the answer to the one request that has it alone
            return [error] if len(requests) == 1 else [self._work([texts])[0] for texts in requests]
        return [list(islice(answers, len(texts))) for texts in requests]

    def _finish(self, batch: Sequence[_Request[Answer]], done: asyncio.Future[list[list[Answer] | Exception]]) -> None:
        self._running -= 1
        self._start()  # the next one runs while these are answered
        for request, outcome in zip(batch, done.result(), strict=True):
            if request.answers.done():
                continue
            if isinstance(outcome, Exception):
                request.answers.set_exception(outcome)
            else:
                request.answers.set_result(outcome)
