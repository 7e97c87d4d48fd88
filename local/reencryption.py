"""A port on loopback in the clear before one that speaks TLS: what haproxy does on our own node, without haproxy.

`python -m local.reencryption PORT TARGET`, both on loopback. As the load balancer on AWS, it verifies no certificate.
"""

import asyncio
import ssl
import sys
from contextlib import suppress

from local.node.addresses import LOOPBACK

_CHUNK_BYTES = 64 * 1024


async def serve(port: int, target: int) -> asyncio.Server:
    """Starts listening on `port`; each connection gets one of its own to `target`, or is closed where that fails."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answers, onward = await asyncio.open_connection(LOOPBACK, target, ssl=_anyone())
        except OSError:  # ssl.SSLError among them
            writer.close()
            return
        await asyncio.gather(_copy(reader, onward), _copy(answers, writer))

    return await asyncio.start_server(connected, LOOPBACK, port)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything until one side ends; then the other side ends too: asyncio's TLS has no half-closed connections."""
    with suppress(OSError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


def _anyone() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


async def _forever(port: int, target: int) -> None:
    async with await serve(port, target) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_forever(*map(int, sys.argv[1:])))
