"""A gateway on fakes that listens, in a thread, for clients that know nothing of asyncio."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from tests.services.gateway.harness import Harness


@contextmanager
def listening(harness: Harness) -> Iterator[str]:
    """Its host and port."""
    server = uvicorn.Server(uvicorn.Config(harness.app(), port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
        yield f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
