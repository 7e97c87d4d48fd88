"""A stand-in for EC2's instance metadata, so that a refused connection to it is the firewall's doing."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from local.node.addresses import METADATA_ADDRESS, METADATA_PORT

_IP_TRANSPARENT = 19
"""ip(7): the address is the node's for what comes from pods only, and on no interface that one could listen on."""


class _Server(ThreadingHTTPServer):
    def server_bind(self) -> None:
        """Listen on an address of somebody else."""
        self.socket.setsockopt(socket.SOL_IP, _IP_TRANSPARENT, 1)
        super().server_bind()


@contextmanager
def stand_in() -> Iterator[None]:
    """Something that listens where the metadata service would, as pods see it."""
    server = _Server((METADATA_ADDRESS, METADATA_PORT), BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
