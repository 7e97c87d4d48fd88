"""How many gateways there are: the addresses of their headless Service, which lists those that are ready."""

import asyncio
import logging
import socket
from collections import deque
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from services.gateway.clock import Clock

INTERVAL_S = 5.0
"""How often the name is resolved; CoreDNS keeps its answers for 5 s too."""
STALE_S = 3 * INTERVAL_S
"""How long an answer is good for; without a newer one there may be as many as there can be."""
REMEMBERED_S = 60.0
"""For how long a larger count still holds: one that stops is no longer listed, but serves until it has drained."""

Resolve = Callable[[], Coroutine[Any, Any, Collection[str]]]

logger = logging.getLogger(__name__)


class Replicas:
    """The largest number of gateways that was seen in the last minute, and `most` where that is not known.

    It begins as `most`. An answer that is missing, empty or names more than `most` counts as none, and after two of
    those it is `most` again. A new gateway is seen by the others up to 10 s late: until then it admits, beside them, as
    little as the `most`-th part.
    """

    def __init__(self, resolve: Resolve | None, *, most: int, clock: Clock) -> None:
        """Without `resolve` the count stays `most`, which includes the one that a rollout adds."""
        self._resolve, self._most, self._clock = resolve, most, clock
        # Until the others must have seen this one.
        self._seen = deque([(clock.monotonic() - REMEMBERED_S + STALE_S, most)])
        self._count = most
        self._good_until = clock.monotonic()

    @property
    def count(self) -> int:
        """Among how many a limit is to be divided."""
        return self._count if self._clock.monotonic() < self._good_until else self._most

    async def run(self) -> None:
        """Ask for ever."""
        while self._resolve:
            await self.check()
            await asyncio.sleep(INTERVAL_S)

    async def check(self) -> None:
        """Ask once."""
        found = await self._found()
        now = self._clock.monotonic()
        if not 1 <= found <= self._most:
            return
        self._good_until = now + STALE_S
        self._seen.append((now, found))
        while self._seen[0][0] <= now - REMEMBERED_S:
            self._seen.popleft()
        count = max(found for _, found in self._seen)
        if count != self._count:
            logger.info("The callers' limits are divided among %d gateways.", count)
        self._count = count

    async def _found(self) -> int:
        try:
            return len(set(await self._resolve())) if self._resolve else 0
        except (OSError, UnicodeError):  # the latter for a name with too long a label
            return 0


def resolver(name: str) -> Resolve:
    """Asks the pod's DNS for all addresses of a fully qualified name."""
    # The dot at the end: none of the pod's search domains is tried.
    absolute = name.rstrip(".") + "."

    async def resolve() -> Collection[str]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(absolute, None, family=socket.AF_UNSPEC, type=socket.SOCK_STREAM)
        return [str(address[0]) for *_, address in found]

    return resolve
