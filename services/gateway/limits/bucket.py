"""A token bucket: https://en.wikipedia.org/wiki/Token_bucket."""

import math


class Bucket:
    """Holds up to `capacity` tokens and gains `per_s` a second; both may change between calls. It begins full.

    In any t seconds it gives at most capacity + per_s * t tokens.
    """

    __slots__ = ("_at", "_level")

    def __init__(self) -> None:
        self._level = math.inf
        self._at = -math.inf

    def level(self, now: float, *, capacity: float, per_s: float) -> float:
        """Tokens in it at `now`, which never goes back."""
        if self._level < capacity:
            self._level += (now - self._at) * per_s
        self._level = min(self._level, capacity)
        self._at = now
        return self._level

    def take(self, tokens: float, now: float, *, capacity: float, per_s: float) -> float:
        """Take all of the tokens, and return 0; or take none, and return in how many seconds they will be there.

        Never, math.inf, where they are more than it can hold.
        """
        missing = tokens - self.level(now, capacity=capacity, per_s=per_s)
        if missing <= 0:
            self._level -= tokens
            return 0.0
        return missing / per_s if tokens <= capacity else math.inf
