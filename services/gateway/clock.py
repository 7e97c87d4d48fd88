"""The clock seam."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the gateway sees it; a test passes its own."""

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back; deadlines are points on it."""
        ...

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clocks."""

    def monotonic(self) -> float:
        return time.monotonic()

    def now(self) -> datetime:
        return datetime.now(UTC)
