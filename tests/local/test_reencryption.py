"""In the clear on one side, TLS on the other, and nothing lost between."""

import asyncio
import ssl
from pathlib import Path

import pytest

from local import reencryption
from local.node.pki import Authority, Identity

LOOPBACK = "127.0.0.1"


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate of an authority that nobody knows."""
    identity = Identity(name="server", common_name="server", dns=("elsewhere",), server=True)
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(*Authority(tmp_path, "ca").issue(identity, tmp_path))
    return made


async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers each line in capitals until the client is done."""
    while line := await reader.readline():
        writer.write(line.upper())
        await writer.drain()
    await closed(writer)


async def farewell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says one thing and ends."""
    writer.write(b"bye\n")
    await closed(writer)


async def closed(writer: asyncio.StreamWriter) -> None:
    """Closes a connection to its end."""
    writer.close()
    await writer.wait_closed()


async def talk(port: int, *lines: bytes) -> list[bytes]:
    """The answers to `lines`, sent in the clear to `port` one after the other; then what comes until the end."""
    reader, writer = await asyncio.open_connection(LOOPBACK, port)
    answers = []
    for line in lines:
        writer.write(line)
        answers.append(await reader.readline())
    if not lines:
        answers.append(await reader.read())
    await closed(writer)
    await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}))
    return answers


def port_of(server: asyncio.Server) -> int:
    """Where it listens."""
    return int(server.sockets[0].getsockname()[1])


def test_lines_go_there_and_back(context: ssl.SSLContext) -> None:
    """A client without TLS talks to a server with it, whose certificate nobody vouches for; long lines stay whole."""

    async def scenario() -> list[bytes]:
        server = await asyncio.start_server(shout, LOOPBACK, 0, ssl=context)
        forward = await reencryption.serve(0, port_of(server))
        async with server, forward:
            return await talk(port_of(forward), b"one\n", b"two\n", b"x" * 60_000 + b"\n")

    assert asyncio.run(scenario()) == [b"ONE\n", b"TWO\n", b"X" * 60_000 + b"\n"]


def test_a_server_that_ends_ends_the_clients_connection(context: ssl.SSLContext) -> None:
    """What it said before is delivered, then the connection is closed."""

    async def scenario() -> list[bytes]:
        server = await asyncio.start_server(farewell, LOOPBACK, 0, ssl=context)
        forward = await reencryption.serve(0, port_of(server))
        async with server, forward:
            return await talk(port_of(forward))

    assert asyncio.run(scenario()) == [b"bye\n"]


def test_a_server_that_is_away_closes_the_connection_and_the_next_one_works(context: ssl.SSLContext) -> None:
    """While a pod is replaced clients are turned away, not kept; afterwards nothing has to be started again."""

    async def scenario() -> list[list[bytes]]:
        async with await asyncio.start_server(shout, LOOPBACK, 0, ssl=context) as server:
            target = port_of(server)
        async with await reencryption.serve(0, target) as forward:
            turned_away = await talk(port_of(forward))
            async with await asyncio.start_server(shout, LOOPBACK, target, ssl=context):
                return [turned_away, await talk(port_of(forward), b"again\n")]

    assert asyncio.run(scenario()) == [[b""], [b"AGAIN\n"]]


def test_it_listens_on_loopback_only(context: ssl.SSLContext) -> None:
    """What it offers in the clear is for this machine."""

    async def scenario() -> str:
        async with await reencryption.serve(0, 1) as forward:
            return str(forward.sockets[0].getsockname()[0])

    assert asyncio.run(scenario()) == LOOPBACK
