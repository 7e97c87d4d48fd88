"""A circuit breaker: while Triton fails, nobody waits for it. https://martinfowler.com/bliki/CircuitBreaker.html."""

import math
from typing import Literal

from services.gateway.clock import Clock
from services.gateway.triton_client import TritonCircuitOpen

State = Literal["closed", "open", "half-open"]

MIN_CALLS = 10
"""Fewer failures than this in a window say little."""
WINDOW_S = 10.0
FIRST_OPEN_S = 1.0
LONGEST_OPEN_S = 8.0
"""Each failed probe doubles the time up to this: a Triton that is back is found that soon."""
PROBES = 2
"""Answers in a row, one after the other, that close it again."""


class Call:
    """A call that the breaker let through. Tell it once how it ended."""

    __slots__ = ("_breaker", "_era")

    def __init__(self, breaker: "Breaker", era: int) -> None:
        self._breaker, self._era = breaker, era

    def succeeded(self) -> None:
        """Triton answered."""
        self._breaker.ended(self._era, failed=False)

    def failed(self) -> None:
        """Triton did not answer, or wrongly."""
        self._breaker.ended(self._era, failed=True)

    def says_nothing(self) -> None:
        """It ended for a reason that is not Triton's."""
        self._breaker.ended(self._era, failed=None)


class Breaker:
    """Opens when at least half of the calls of a window failed, and ten or more; then probes with one call at a time."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._state: State = "closed"
        self._open_s = FIRST_OPEN_S
        self._open_until = -math.inf
        self._probing = False
        self.opened = 0
        self._begin()

    def _begin(self) -> None:
        """What calls of before have to say is of no interest from now on."""
        self._era = getattr(self, "_era", 0) + 1
        self._window_ends = self._clock.monotonic() + WINDOW_S
        self._calls = self._failures = 0

    @property
    def state(self) -> State:
        """What the next call would find."""
        if self._state == "open" and self._clock.monotonic() >= self._open_until:
            return "half-open"
        return self._state

    def check(self) -> None:
        """TritonCircuitOpen where a call would be refused now."""
        state = self.state
        if state == "open":
            raise TritonCircuitOpen(self._open_until - self._clock.monotonic())
        if state == "half-open" and self._probing:
            raise TritonCircuitOpen(FIRST_OPEN_S)

    def call(self) -> Call:
        """Let a call through, or raise TritonCircuitOpen."""
        if self._state != "closed":
            self.check()
            if self._state == "open":
                self._state = "half-open"
                self._begin()
            self._probing = True
        return Call(self, self._era)

    def ended(self, era: int, *, failed: bool | None) -> None:
        """How a call of that era ended; None where that says nothing."""
        if era != self._era:
            return
        if self._state == "half-open":
            self._probing = False
        if failed is None:
            return
        if self._state == "half-open":
            self._probed(failed=failed)
        else:
            self._counted(failed=failed)

    def _probed(self, *, failed: bool) -> None:
        if failed:
            self._open(min(2 * self._open_s, LONGEST_OPEN_S))
            return
        self._calls += 1
        if self._calls >= PROBES:
            self._state, self._open_s = "closed", FIRST_OPEN_S
            self._begin()

    def _counted(self, *, failed: bool) -> None:
        if self._clock.monotonic() >= self._window_ends:
            self._window_ends = self._clock.monotonic() + WINDOW_S
            self._calls = self._failures = 0
        self._calls += 1
        self._failures += failed
        if self._failures >= MIN_CALLS and 2 * self._failures >= self._calls:
            self._open(FIRST_OPEN_S)

    def _open(self, seconds: float) -> None:
        self._state, self._open_s = "open", seconds
        self._open_until = self._clock.monotonic() + seconds
        self._probing = False
        self.opened += 1
        self._begin()
