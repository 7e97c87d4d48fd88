"""What holds for every limit."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from services.gateway.limits import headers
from services.gateway.limits.bucket import Bucket
from services.gateway.limits.quota import WINDOW_S, Quota
from tests.services.gateway.properties import PROPERTY

QUOTAS = st.builds(Quota, *[st.integers(1, 10**8)] * 3)
STEPS = st.lists(st.tuples(st.floats(0, 30), st.integers(1, 40)), max_size=40)


@PROPERTY
@given(QUOTAS, st.integers(1, 1000))
def test_shares_never_add_up_to_more_than_the_whole(quota: Quota, replicas: int) -> None:
    """Of requests, of texts, and of what is under way."""
    share = quota.share(replicas)
    assert share.requests.per_s * replicas <= quota.requests_per_minute / WINDOW_S * (1 + 1e-9)
    assert share.texts.per_s * replicas <= quota.texts_per_minute / WINDOW_S * (1 + 1e-9)
    assert share.concurrency * replicas <= quota.concurrency


@PROPERTY
@given(st.floats(0.01, 100), st.floats(1, 100), STEPS)
def test_no_time_gives_more_than_capacity_and_rate(
    per_s: float, capacity: float, steps: list[tuple[float, int]]
) -> None:
    """From the beginning to any moment; and who waits as long as told gets what was refused."""
    bucket, now, given_so_far = Bucket(), 0.0, 0.0
    for passed, tokens in steps:
        now += passed
        wait_s = bucket.take(tokens, now, capacity=capacity, per_s=per_s)
        if wait_s == 0:
            given_so_far += tokens
        elif tokens <= capacity:
            assert bucket.level(now + wait_s, capacity=capacity, per_s=per_s) >= tokens - 1e-6
            now += wait_s
        assert given_so_far <= capacity + per_s * now + 1e-6


@PROPERTY
@given(QUOTAS, st.integers(1, 1000), st.floats(0, 1))
def test_headers_are_structured_fields_of_whole_numbers(quota: Quota, replicas: int, part: float) -> None:
    """Whatever is left: a list of strings with integer parameters, none of them negative."""
    share = quota.share(replicas)
    levels = {
        name: (rate.capacity * part, rate) for name, rate in (("requests", share.requests), ("texts", share.texts))
    }
    member = r'"[a-z]+"(;[a-z]+=(\d{1,15}|"[a-z-]+"))+'
    for field in (headers.policy(quota), headers.remaining(levels), headers.spent("texts", wait_s=7)):
        assert re.fullmatch(rf"{member}(, {member})*", field)


@PROPERTY
@given(st.floats(1, 100), st.floats(0.01, 100), st.lists(st.floats(0, 1000), min_size=2, max_size=20))
def test_a_level_only_grows_while_nothing_is_taken(capacity: float, per_s: float, times: list[float]) -> None:
    """Up to the capacity."""
    bucket = Bucket()
    bucket.take(capacity, 0.0, capacity=capacity, per_s=per_s)
    levels = [bucket.level(now, capacity=capacity, per_s=per_s) for now in sorted(times)]
    assert all(before <= after <= capacity for before, after in pairwise(levels))
