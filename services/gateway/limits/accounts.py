"""What each caller has used, in bounded memory."""

from collections import OrderedDict

from services.gateway.limits.bucket import Bucket
from services.gateway.limits.quota import Rate, Share

Caller = tuple[str, str]
"""Method of authentication and subject: a token's subject may read like the name in a certificate."""


class Account:
    """One caller's requests and texts, and how many of its requests are under way."""

    __slots__ = ("in_flight", "requests", "texts")

    def __init__(self) -> None:
        self.requests, self.texts, self.in_flight = Bucket(), Bucket(), 0

    def unused(self, now: float, share: Share) -> bool:
        """Whether it is as good as a new one."""
        return not self.in_flight and _full(self.requests, now, share.requests) and _full(self.texts, now, share.texts)


class Accounts:
    """At most `most` accounts, the least recently used first. One is only dropped when a new one would say the same.

    So nobody gets rid of what it used by making room for others. Callers that find no place share one more account,
    with the limits of a single caller, until the others have been quiet for a moment.
    """

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._known: OrderedDict[Caller, Account] = OrderedDict()
        self._crowd = Account()

    def __len__(self) -> int:
        return len(self._known)

    def of(self, caller: Caller, now: float, share: Share) -> Account:
        """The caller's account, now the most recently used."""
        known = self._known
        account = known.get(caller)
        if account is not None:
            known.move_to_end(caller)
            return account
        if len(known) >= self._most:
            oldest = next(iter(known))
            if not known[oldest].unused(now, share):
                return self._crowd
            del known[oldest]
        account = known[caller] = Account()
        return account


def _full(bucket: Bucket, now: float, rate: Rate) -> bool:
    return bucket.level(now, capacity=rate.capacity, per_s=rate.per_s) >= rate.capacity
