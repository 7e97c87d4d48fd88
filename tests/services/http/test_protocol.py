"""How answers leave."""

import asyncio
from typing import Any

import uvicorn

from services.http.protocol import JoinedWrites, WholeAnswers

HEAD, BODY = b"HTTP/1.1 200 OK\r\n\r\n", b"{}"


class Recorded(asyncio.Transport):
    """Keeps what was sent."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        assert not self.closed
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


def test_what_is_written_in_one_turn_leaves_in_one_piece() -> None:
    """And without a flush no later than in the next turn: nothing waits for more."""

    async def go() -> list[bytes]:
        transport = Recorded()
        joined = JoinedWrites(transport, asyncio.get_running_loop())
        joined.write(HEAD)
        joined.write(BODY)
        assert transport.sent == []
        await asyncio.sleep(0)
        joined.write(BODY)
        joined.flush()
        await asyncio.sleep(0)
        return transport.sent

    assert asyncio.run(go()) == [HEAD + BODY, BODY]


def test_nothing_is_lost_at_the_end() -> None:
    """What was written before the connection is closed is sent first."""

    async def go() -> Recorded:
        transport = Recorded()
        joined = JoinedWrites(transport, asyncio.get_running_loop())
        joined.write(BODY)
        joined.close()
        await asyncio.sleep(0)
        return transport

    found = asyncio.run(go())
    assert (found.sent, found.closed) == ([BODY], True)


def answers(request: bytes, *, whole: bool = True) -> list[bytes]:
    """What leaves, piece by piece, of an application that answers every request with a head and two pieces."""

    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        if not whole:
            await asyncio.sleep(0.01)
        await send({"type": "http.response.body", "body": b"}"})

    async def go() -> list[bytes]:
        config = uvicorn.Config(app, http=WholeAnswers, lifespan="off", log_config=None, server_header=False)
        config.load()
        state = uvicorn.server.ServerState()
        protocol = WholeAnswers(config=config, server_state=state, app_state={})
        transport = Recorded()
        protocol.connection_made(transport)
        protocol.data_received(request)
        await asyncio.gather(*state.tasks)
        await asyncio.sleep(0)
        return transport.sent

    return asyncio.run(go())


def test_an_answer_leaves_as_a_whole() -> None:
    """Head and body in one piece; the head of a HEAD request, behind which nothing comes, leaves too."""
    [sent] = answers(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert sent.startswith(b"HTTP/1.1 200 OK\r\n")
    assert sent.endswith(b"\r\n\r\n{}")
    [head] = answers(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert head.endswith(b"\r\n\r\n")


def test_an_answer_that_takes_its_time_is_not_held_back() -> None:
    """What there is leaves before the rest is there."""
    first, rest = answers(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", whole=False)
    assert first.endswith(b"\r\n\r\n{")
    assert rest == b"}"


def test_the_last_answer_of_a_connection_is_whole() -> None:
    """Also where the connection ends with it."""
    [sent] = answers(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert sent.endswith(b"\r\n\r\n{}")
