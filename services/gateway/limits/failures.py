"""Bounds the work that is done for callers whom nobody knows."""

from services.gateway.clock import Clock
from services.gateway.limits.bucket import Bucket
from services.gateway.problems import TOO_MANY_FAILURES
from services.http.problems import ProblemError

PER_S = 100.0
CAPACITY = 1000.0
"""A signature takes about 0.1 ms to verify, so that failures take at most about a hundredth of a core."""


class FailedAuthentications:
    """Counts them for the gateway as a whole; while there are too many, no token that is not known yet is looked at.

    Not by address: the gateway sees the load balancer's, and trusts no header that names another. The load balancer's
    own rules limit each address before. Tokens that were verified before stay good meanwhile.
    """

    def __init__(self, *, clock: Clock, per_s: float = PER_S, capacity: float = CAPACITY) -> None:
        self._clock, self._per_s, self._capacity = clock, per_s, capacity
        self._bucket = Bucket()
        self.refused = 0

    def check(self) -> None:
        """Call it before a credential is verified for the first time; the problem, 429, where too many have failed."""
        if self._bucket.level(self._clock.monotonic(), capacity=self._capacity, per_s=self._per_s) < 1:
            self.refused += 1
            raise ProblemError(TOO_MANY_FAILURES)

    def failed(self) -> None:
        """Call it when the credential was refused."""
        self._bucket.take(1, self._clock.monotonic(), capacity=self._capacity, per_s=self._per_s)
