"""Takes up files that are mounted from Secrets and ConfigMaps as they change, while the gateway runs."""

import asyncio
import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from services.gateway.settings import SettingsError

INTERVAL_S = 5.0
"""How often the files are read; a kubelet brings changed ones to them within about a minute, all of a volume at once."""

Content = TypeVar("Content")
Usable = TypeVar("Usable")

logger = logging.getLogger(__name__)


class Rereading(Generic[Content, Usable]):
    """The newest usable state of some files: their `content`, and what was `made` of it.

    Files that can't be used, such as ones that do not belong together yet, are read again at the next check; what was
    made before stays until they can.
    """

    def __init__(
        self,
        *,
        what: str,
        read: Callable[[], Content],
        make: Callable[[Content], Usable],
        said: Callable[[Content, Usable], str],
    ) -> None:
        """`what` and `said` are for the log: the files, and what is in use now. SettingsError at first unusable files."""
        self._what, self._read, self._make, self._said = what, read, make, said
        self._refused = False
        self.content = read()
        self.made = make(self.content)

    async def run(self) -> None:
        """Check for ever."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            self.check()

    def check(self) -> None:
        """Take up what the files hold, if it is new and can be used."""
        try:
            found = self._read()
            if found != self.content:
                self.made, self.content = self._make(found), found
                logger.info("%s", self._said(self.content, self.made))
            self._refused = False
        except SettingsError:
            if not self._refused:  # once, not every few seconds
                logger.error("%s can't be used: what was read before stays until they can.", self._what)
            self._refused = True
