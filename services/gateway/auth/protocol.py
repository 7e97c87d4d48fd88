"""HTTP over TLS for uvicorn, which tells each request which certificate its connection was opened with."""

import asyncio
from typing import Any

from services.gateway.auth.certificates import peer
from services.http.protocol import WholeAnswers

PEER = "client_certificate"
"""Key of a `Peer` in the state of a request's scope; absent where the client showed no certificate."""


class ClientCertificateProtocol(WholeAnswers):
    """Reads the certificate once, when the connection is made, after the handshake that verified it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called by the event loop."""
        super().connection_made(transport)
        tls: Any = transport.get_extra_info("ssl_object")
        # An empty dictionary is a certificate that was not verified, None is no certificate.
        if tls is not None and tls.getpeercert():
            self.app_state = {**self.app_state, PEER: peer(tls.getpeercert(binary_form=True))}
