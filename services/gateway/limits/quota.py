"""What one caller may ask of all gateways together, and what is one gateway's share of it."""

import math
from dataclasses import dataclass

BURST_S = 10.0
"""A caller that was quiet may ask for this many seconds' worth at once."""
WINDOW_S = 60


@dataclass(frozen=True)
class Rate:
    """So many a second, and so many at once."""

    per_s: float
    capacity: float


@dataclass(frozen=True)
class Share:
    """What one gateway admits."""

    requests: Rate
    texts: Rate
    concurrency: int


@dataclass(frozen=True)
class Quota:
    """The limits of one caller: in any t seconds at most t + BURST_S seconds' worth, and so many at the same time."""

    requests_per_minute: int
    texts_per_minute: int
    concurrency: int

    def share(self, replicas: int) -> Share:
        """One part of `replicas` equal ones: they never add up to more than the whole."""
        return Share(
            requests=_rate(self.requests_per_minute, replicas),
            texts=_rate(self.texts_per_minute, replicas),
            concurrency=math.floor(self.concurrency / replicas),
        )

    def serves(self, replicas: int, *, texts: int) -> bool:
        """Whether a share of that many replicas still lets one request with so many texts through."""
        share = self.share(replicas)
        return share.requests.capacity >= 1 and share.texts.capacity >= texts and share.concurrency >= 1


def _rate(per_minute: int, replicas: int) -> Rate:
    per_s = per_minute / WINDOW_S / replicas
    return Rate(per_s, per_s * BURST_S)
