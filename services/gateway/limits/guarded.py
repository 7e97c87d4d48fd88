"""The client of Triton that the application uses: asks only a Triton that answers, and only as much as it can."""

from collections.abc import Sequence

from services.gateway.clock import Clock
from services.gateway.limits.breaker import Breaker, Call
from services.gateway.limits.shedding import Shedding
from services.gateway.triton_client import Scores, TritonClient, TritonError, TritonOverloaded, TritonRejected


class GuardedTriton:
    """A `TritonClient` around another one, with a circuit breaker and load shedding before it."""

    def __init__(self, client: TritonClient, *, breaker: Breaker, shedding: Shedding, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self.breaker, self.shedding = breaker, shedding

    async def ready(self) -> bool:
        """Whether the model can be asked."""
        return await self._client.ready()

    def check(self, texts: int, *, deadline: float) -> None:
        """The TritonError with which so many texts would be refused now: to be asked before the work on them begins."""
        self.breaker.check()
        self.shedding.check(texts, deadline)

    async def classify(self, texts: Sequence[str], *, deadline: float, traceparent: str | None = None) -> Scores:
        """See `TritonClient`.

        Raises:
            TritonCircuitOpen: Triton fails, and was not asked.
            TritonOverloaded: it would answer too late, and was not asked, or its queue is full.
            TritonError: it did not answer, or wrongly.
        """
        self.breaker.check()
        await self.shedding.enter(len(texts), deadline)
        try:
            return await self._ask(texts, deadline, traceparent, self.breaker.call())
        finally:
            self.shedding.leave(len(texts))

    async def _ask(self, texts: Sequence[str], deadline: float, traceparent: str | None, call: Call) -> Scores:
        limit, began, used = self.shedding.limit, self._clock.monotonic(), self.shedding.under_way
        try:
            scores = await self._client.classify(texts, deadline=deadline, traceparent=traceparent)
        except TritonRejected:
            call.says_nothing()
            raise
        except TritonError as error:
            limit.missed(began=began)
            # A full queue is that of a Triton that works, and a caller that hardly left it time says nothing of it.
            if isinstance(error, TritonOverloaded) or deadline - began < self.shedding.slow_s:
                call.says_nothing()
            else:
                call.failed()
            raise
        except BaseException:
            call.says_nothing()
            raise
        limit.answered(len(texts), began=began, used=used)
        call.succeeded()
        return scores

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
