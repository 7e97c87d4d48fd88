"""Waits for a state of the cluster, and says which one did not come."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(find: Callable[[], Found], what: str, *, timeout_s: float = 120, interval_s: float = 0.3) -> Found:
    """The first true value of `find()`. AssertionError, naming `what` and the last value, where none comes in time."""
    deadline = time.monotonic() + timeout_s
    while not (found := find()):
        assert time.monotonic() < deadline, f"{what}: not within {timeout_s:.0f} s, at last {found!r}"
        time.sleep(interval_s)
    return found
