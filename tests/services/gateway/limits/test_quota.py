"""One gateway's share of a caller's limits."""

import pytest

from services.gateway.limits.quota import BURST_S, Quota

QUOTA = Quota(requests_per_minute=600, texts_per_minute=6000, concurrency=10)


@pytest.mark.parametrize("replicas", range(1, 11))
def test_shares_never_add_up_to_more_than_the_whole(replicas: int) -> None:
    """Neither of rates nor of concurrency, which is rounded down."""
    share = QUOTA.share(replicas)
    assert share.requests.per_s * replicas <= 10 + 1e-9
    assert share.requests.capacity * replicas <= 10 * BURST_S + 1e-9
    assert share.texts.per_s * replicas <= 100 + 1e-9
    assert share.concurrency * replicas <= 10


@pytest.mark.parametrize(
    ("quota", "serves"),
    [
        (Quota(12, 384, 2), True),
        (Quota(11, 384, 2), False),
        (Quota(12, 383, 2), False),
        (Quota(12, 384, 1), False),
    ],
)
def test_a_share_has_to_let_a_full_request_through(quota: Quota, serves: bool) -> None:
    """Two gateways need two requests, twice 32 texts in a burst, and two at the same time."""
    assert quota.serves(2, texts=32) is serves
