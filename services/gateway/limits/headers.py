"""RateLimit and RateLimit-Policy, structured fields of draft-ietf-httpapi-ratelimit-headers-11.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
"""

import math
from collections.abc import Mapping

from services.gateway.limits.quota import WINDOW_S, Quota, Rate


def policy(quota: Quota) -> str:
    """The limits as they are configured. The unit `texts` is ours: the draft's register has none for it."""
    return (
        f'"requests";q={quota.requests_per_minute};w={WINDOW_S}, '
        f'"texts";q={quota.texts_per_minute};w={WINDOW_S};qu="texts", '
        f'"concurrent";q={quota.concurrency};qu="concurrent-requests"'
    )


def remaining(levels: Mapping[str, tuple[float, Rate]]) -> str:
    """What the gateway that answers has left for the caller, by policy, and in how many seconds there is all of it."""
    return ", ".join(
        f'"{name}";r={math.floor(level)};t={math.ceil((rate.capacity - level) / rate.per_s)}'
        for name, (level, rate) in levels.items()
    )


def spent(name: str, *, wait_s: int) -> str:
    """Too little is left for the request until `wait_s` seconds have passed, which Retry-After says as well."""
    return f'"{name}";r=0;t={wait_s}'
