"""Keeps the queue before Triton as short as deadlines ask: what can't be answered in time is refused at once."""

import asyncio
from collections import deque

from services.gateway.clock import Clock
from services.gateway.limits.aimd import AdaptiveLimit
from services.gateway.triton_client import TritonOverloaded

SLOW_S = 1.0
MAX_WAIT_S = 2.0
"""With SLOW_S it stays under the 5 s after which Triton's own queue rejects."""


class _Waiter:
    __slots__ = ("granted", "texts")

    def __init__(self, texts: int) -> None:
        self.texts = texts
        self.granted: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Shedding:
    """First come, first served, whoever asks. Every `enter` that returns is followed by one `leave`."""

    def __init__(self, *, clock: Clock, slow_s: float = SLOW_S, max_wait_s: float = MAX_WAIT_S) -> None:
        self._clock, self._max_wait_s, self.slow_s = clock, max_wait_s, slow_s
        self._waiters: deque[_Waiter] = deque()
        self.limit = AdaptiveLimit(clock=clock, slow_s=slow_s)
        self.under_way = 0
        """Texts that Triton was asked about and has not answered."""
        self.waiting = 0
        """Texts that wait."""
        self.refused = 0

    def check(self, texts: int, deadline: float) -> None:
        """TritonOverloaded where so many texts would have to wait too long now. `deadline` is on the monotonic clock."""
        if not self._free(texts) or self._waiters:
            # Little's law: what is under way is answered once in `latency_s`.
            wait_s = (self.waiting + texts) * self.limit.latency_s / self.limit.texts
            if wait_s > min(self._max_wait_s, self._spare_s(deadline)):
                raise self._refusal(wait_s)

    async def enter(self, texts: int, deadline: float) -> None:
        """Returns when Triton may be asked about so many texts; TritonOverloaded where that is, or comes, too late."""
        self.check(texts, deadline)
        if self._free(texts) and not self._waiters:
            self.under_way += texts
            return
        await self._wait(_Waiter(texts), deadline)
        if self._spare_s(deadline) < 0:  # it waited longer than expected: nobody would wait for the answer
            self.leave(texts)
            raise self._refusal(self.limit.latency_s)

    def leave(self, texts: int) -> None:
        """Triton is done with them; tell `limit` before how it went."""
        self.under_way -= texts
        self._grant()

    def _free(self, texts: int) -> bool:
        return self.under_way + texts <= self.limit.texts or not self.under_way

    def _spare_s(self, deadline: float) -> float:
        """What is left when Triton has answered, if it is asked now."""
        return deadline - self._clock.monotonic() - self.limit.latency_s

    async def _wait(self, waiter: _Waiter, deadline: float) -> None:
        self._waiters.append(waiter)
        self.waiting += waiter.texts
        try:
            async with asyncio.timeout(min(self._max_wait_s, max(0.0, self._spare_s(deadline)))):
                await waiter.granted
        except BaseException as error:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
                self.waiting -= waiter.texts
                self._grant()  # one behind it may be small enough
            else:  # granted in the same moment
                self.leave(waiter.texts)
            if isinstance(error, TimeoutError):
                raise self._refusal(self.limit.latency_s) from None
            raise

    def _grant(self) -> None:
        while self._waiters and self._free(self._waiters[0].texts):
            waiter = self._waiters.popleft()
            self.waiting -= waiter.texts
            self.under_way += waiter.texts
            if not waiter.granted.done():  # cancelled in the same moment: `_wait` gives it back
                waiter.granted.set_result(None)

    def _refusal(self, wait_s: float) -> TritonOverloaded:
        self.refused += 1
        return TritonOverloaded(wait_s)
