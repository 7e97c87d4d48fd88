"""Lets a caller's request in, or says when to come back."""

import math
from dataclasses import replace
from types import TracebackType
from typing import Literal, Self

from services.gateway.auth.principal import Principal
from services.gateway.clock import Clock
from services.gateway.limits import headers
from services.gateway.limits.accounts import Account, Accounts
from services.gateway.limits.bucket import Bucket
from services.gateway.limits.quota import Quota, Rate, Share
from services.gateway.limits.replicas import Replicas
from services.gateway.problems import RATE_LIMITED, TOO_MANY_CONCURRENT
from services.http.problems import Problem, ProblemError

MAX_CALLERS = 10_000
"""Callers that are remembered at the same time; a few MiB."""
_CONCURRENT_RETRY_S = 1

Reason = Literal["requests", "texts", "concurrent"]


class Limits:
    """The limits of every caller, at this gateway.

    A caller gets a gateway's equal share of its limits from each of them, so one that keeps to a single connection
    gets a single share. What a gateway has counted is gone when it ends.
    """

    def __init__(self, quota: Quota, *, replicas: Replicas, clock: Clock, most_callers: int = MAX_CALLERS) -> None:
        self._quota, self._replicas, self._clock = quota, replicas, clock
        self._accounts = Accounts(most=most_callers)
        self._shares: dict[int, Share] = {}
        self._policy = headers.policy(quota)
        self.refused: dict[Reason, int] = {"requests": 0, "texts": 0, "concurrent": 0}

    @property
    def callers(self) -> int:
        """How many are remembered."""
        return len(self._accounts)

    @property
    def replicas(self) -> int:
        """Among how many gateways the limits are divided now."""
        return self._replicas.count

    def admit(self, principal: Principal, texts: int = 0) -> "Admission":
        """`async with` it around the request. Entering raises the problem, 429, of a limit that is reached."""
        return Admission(self, principal, texts)

    def account(self, principal: Principal) -> Account:
        """What the principal has used."""
        return self._accounts.of((principal.method, principal.subject), self._clock.monotonic(), self.share)

    @property
    def share(self) -> Share:
        """What this gateway admits of one caller now."""
        count = self._replicas.count
        share = self._shares.get(count)
        if share is None:
            share = self._shares[count] = self._quota.share(count)
        return share

    def take(self, account: Account, reason: Literal["requests", "texts"], count: int) -> None:
        """Count so many of the account's; the problem where they are too many."""
        bucket, rate = _pair(account, self.share, reason)
        wait_s = bucket.take(count, self._clock.monotonic(), capacity=rate.capacity, per_s=rate.per_s)
        if wait_s:
            # More than it can ever hold: the settings see to it that no valid request is.
            raise self._refusal(RATE_LIMITED, reason, math.ceil(min(wait_s, 60.0)))

    def enter(self, account: Account) -> None:
        """Count a request that is under way; the problem where as many are as may be."""
        if account.in_flight >= self.share.concurrency:
            raise self._refusal(TOO_MANY_CONCURRENT, "concurrent", _CONCURRENT_RETRY_S)
        account.in_flight += 1

    def headers(self, account: Account) -> dict[str, str]:
        """RateLimit-Policy and RateLimit for an answer."""
        now, share = self._clock.monotonic(), self.share
        levels = {}
        for reason in ("requests", "texts"):
            bucket, rate = _pair(account, share, reason)
            levels[reason] = (bucket.level(now, capacity=rate.capacity, per_s=rate.per_s), rate)
        return {"RateLimit-Policy": self._policy, "RateLimit": headers.remaining(levels)}

    def _refusal(self, problem: Problem, reason: Reason, wait_s: int) -> ProblemError:
        self.refused[reason] += 1
        said = {
            "Retry-After": str(wait_s),
            "RateLimit-Policy": self._policy,
            "RateLimit": headers.spent(reason, wait_s=wait_s),
        }
        return ProblemError(replace(problem, headers={**problem.headers, **said}))


class Admission:
    """One request of a caller: counted when entered, under way until left."""

    __slots__ = ("_account", "_limits", "_principal", "_texts")

    def __init__(self, limits: Limits, principal: Principal, texts: int) -> None:
        self._limits, self._principal, self._texts = limits, principal, texts
        self._account: Account | None = None

    async def __aenter__(self) -> Self:
        account = self._limits.account(self._principal)
        self._limits.enter(account)
        self._account = account
        try:
            self._limits.take(account, "requests", 1)
            self.charge(self._texts)
        except ProblemError:
            account.in_flight -= 1
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._entered().in_flight -= 1

    def charge(self, texts: int) -> None:
        """Count texts that only the body told of; the problem, 429, where they are too many."""
        if texts:
            self._limits.take(self._entered(), "texts", texts)

    @property
    def headers(self) -> dict[str, str]:
        """For the answer: what is left."""
        return self._limits.headers(self._entered())

    def _entered(self) -> Account:
        if self._account is None:
            raise RuntimeError("enter the admission first")
        return self._account


def _pair(account: Account, share: Share, reason: str) -> tuple[Bucket, Rate]:
    return (account.requests, share.requests) if reason == "requests" else (account.texts, share.texts)
