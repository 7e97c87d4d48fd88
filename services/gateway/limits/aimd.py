"""How much may be asked of Triton at once: additive increase, multiplicative decrease, as TCP does (RFC 5681)."""

import math

from services.gateway.clock import Clock

LEAST = 32
"""Texts of the largest request: one of these is always let through."""
START = 128
MOST = 1024
"""Triton's own queue takes 256 requests a pod: a full one shrinks the limit too, but callers wait for retries meanwhile."""
_GAIN = 8.0
"""Texts that the limit gains while it is answered once."""
_CUT = 0.7
_SMOOTHING = 0.1


class AdaptiveLimit:
    """Texts that may be under way. It grows while it is used up, and shrinks when answers are slow or do not come.

    `slow_s` is what an answer may take: far less than the 5 s that Triton keeps a request in its queue, and far more
    than a full batch takes, since the texts that wait for the next batch are what keeps a model busy.
    """

    def __init__(self, *, clock: Clock, slow_s: float) -> None:
        self._clock, self._slow_s = clock, slow_s
        self._cut_at = -math.inf
        self.texts = float(START)
        self.latency_s = 0.0
        """Of an answer, smoothed; 0 until there was one."""

    def answered(self, texts: int, *, began: float, used: float) -> None:
        """An answer came to a call with so many texts, made while `used` texts were under way."""
        took = self._took(began)
        if took > self._slow_s:
            self._cut(began)
        elif 2 * used > self.texts:
            self.texts = min(self.texts + _GAIN * texts / self.texts, MOST)

    def missed(self, *, began: float) -> None:
        """No answer came."""
        self._took(began)
        self._cut(began)

    def _took(self, began: float) -> float:
        took = self._clock.monotonic() - began
        self.latency_s += (took - self.latency_s) * (_SMOOTHING if self.latency_s else 1.0)
        return took

    def _cut(self, began: float) -> None:
        """Once for all calls of before: they tell of the limit as it was."""
        if began >= self._cut_at:
            self.texts = max(self.texts * _CUT, LEAST)
            self._cut_at = self._clock.monotonic()
