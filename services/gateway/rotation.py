"""Takes up a renewed certificate while the gateway runs, as it is mounted from a Secret that is rotated."""

import ssl
from collections.abc import Callable

from services.gateway.rereading import Rereading
from services.gateway.tls import Identity


class Rotation:
    """The newest usable identity. `context` serves TLS with it: each handshake shows what is newest at that moment.

    An identity stays past its end when nothing renews it: a load balancer and the kubelet, who verify no certificate,
    are served on, and Triton, who does, refuses new connections: requests are then answered with 503, and so is
    /readyz. The certificate's end is a metric, to be told of that weeks before.
    """

    def __init__(self, read: Callable[[], Identity], *, ask_clients: bool = False) -> None:
        """`ask_clients`: for certificates, which they need not have. SettingsError: the first identity can't be used."""
        self._files = Rereading(
            what="The certificate's files",
            read=read,
            make=lambda identity: identity.server_context(ask_clients=ask_clients),
            said=lambda identity, _: f"A renewed certificate is in use, until {identity.not_after.isoformat()}.",
        )
        self.context = self.identity.server_context(ask_clients=ask_clients)
        self.context.sni_callback = self._show_newest

    @property
    def identity(self) -> Identity:
        """What the files held when they could last be used."""
        return self._files.content

    async def run(self) -> None:
        """Check for ever."""
        await self._files.run()

    def check(self) -> None:
        """Take up what the files hold, if it is new and can be used."""
        self._files.check()

    def _show_newest(self, connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        """Called for every handshake, also of clients that name no server; the newest authority is asked then too."""
        connection.context = self._files.made
