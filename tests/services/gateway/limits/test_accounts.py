"""What is remembered of callers, and for how many."""

import random

from services.gateway.limits.accounts import Account, Accounts
from services.gateway.limits.quota import Quota

SHARE = Quota(requests_per_minute=60, texts_per_minute=600, concurrency=4).share(1)


def use(account: Account, now: float) -> bool:
    """Whether one request more is let through."""
    return not account.requests.take(1, now, capacity=SHARE.requests.capacity, per_s=SHARE.requests.per_s)


def test_a_caller_keeps_its_account() -> None:
    """And a name in a certificate is another caller than the same subject of a token."""
    accounts = Accounts(most=3)
    assert accounts.of(("token", "a"), 0.0, SHARE) is accounts.of(("token", "a"), 1.0, SHARE)
    assert accounts.of(("token", "a"), 0.0, SHARE) is not accounts.of(("certificate", "a"), 1.0, SHARE)


def test_many_subjects_take_no_more_memory() -> None:
    """A hundred thousand callers, each with one request, leave as many accounts as there may be."""
    accounts = Accounts(most=50)
    for number in range(100_000):
        use(accounts.of(("token", str(number)), number / 1000, SHARE), number / 1000)
    assert len(accounts) == 50


def test_nobody_is_forgotten_before_its_use_is() -> None:
    """Whoever reached its limit can't begin anew by bringing a crowd of others that push it out."""
    accounts = Accounts(most=10)
    while use(accounts.of(("token", "greedy"), 0.0, SHARE), 0.0):
        pass
    for number in range(100):
        use(accounts.of(("token", str(number)), 0.0, SHARE), 0.0)
    assert not use(accounts.of(("token", "greedy"), 0.0, SHARE), 0.0)


def test_callers_without_a_place_share_the_limits_of_one() -> None:
    """However many of them there are."""
    accounts = Accounts(most=2)
    for name in "ab":
        use(accounts.of(("token", name), 0.0, SHARE), 0.0)
    passed = sum(use(accounts.of(("token", str(number)), 0.0, SHARE), 0.0) for number in range(1000))
    assert passed == SHARE.requests.capacity


def test_a_quiet_caller_makes_room() -> None:
    """Once its buckets are full again and nothing of it is under way, forgetting it changes nothing."""
    accounts = Accounts(most=1)
    first = accounts.of(("token", "a"), 0.0, SHARE)
    use(first, 0.0)
    crowd = accounts.of(("token", "b"), 0.5, SHARE)
    first.in_flight = 1
    assert accounts.of(("token", "b"), 1.0, SHARE) is crowd
    first.in_flight = 0
    assert accounts.of(("token", "b"), 1.0, SHARE) is not crowd
    assert len(accounts) == 1


def test_no_caller_gets_more_than_its_limit_whatever_the_others_do() -> None:
    """Random callers on a small table: each one's requests stay within burst and rate."""
    accounts, chance, passed = Accounts(most=5), random.Random(7), dict.fromkeys("abcdefghij", 0)
    for step in range(20_000):
        name = chance.choice("aaaabcdefghij")
        passed[name] += use(accounts.of(("token", name), step / 100, SHARE), step / 100)
    assert max(passed.values()) <= SHARE.requests.capacity + 200 * SHARE.requests.per_s
    assert passed["a"] > 150
