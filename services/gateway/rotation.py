"""Takes up a renewed certificate while the gateway runs, as it is mounted from a Secret that is rotated."""

import asyncio
import logging
import ssl
from collections.abc import Callable

from services.gateway.settings import SettingsError
from services.gateway.tls import Identity

logger = logging.getLogger(__name__)

INTERVAL_S = 5.0
"""How often the files are read; a kubelet brings a changed Secret to them within about a minute."""


class Rotation:
    """The newest usable identity. `context` serves TLS with it: each handshake shows what is newest at that moment.

    Files that can't be used, such as a key that does not belong to the certificate yet, are read again at the next
    check, and the identity before stays. So it does when nothing renews it, even past its end: a load balancer and the
    kubelet, who verify no certificate, are served on, and Triton, who does, refuses new connections: requests are then
    answered with 503, and so is /readyz. The certificate's end is a metric, to be told of that weeks before.
    """

    def __init__(self, read: Callable[[], Identity]) -> None:
        """SettingsError when the first identity can't be used."""
        self._read = read
        self._refused = False
        self.identity = read()
        self._newest = self.identity.server_context()
        self.context = self.identity.server_context()
        self.context.sni_callback = self._show_newest

    async def run(self) -> None:
        """Check for ever."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            self.check()

    def check(self) -> None:
        """Take up what the files hold, if it is new and can be used."""
        try:
            found = self._read()
            if found != self.identity:
                self._newest, self.identity = found.server_context(), found
                logger.info("A renewed certificate is in use, until %s.", found.not_after.isoformat())
            self._refused = False
        except SettingsError:
            if not self._refused:  # once, not every few seconds
                logger.error("The certificate's files can't be used: the one before stays until they can.")
            self._refused = True

    def _show_newest(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """Called for every handshake, also of clients that name no server."""
        connection.context = self._newest
