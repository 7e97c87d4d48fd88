"""A server in this event loop, and a caller that keeps its connection for as long as it may, as load balancers do."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import uvicorn

BODY = b'{"text": "Good."}'


@dataclass
class Answer:
    """Status, header fields by lower-case name, and the port that answered."""

    status: int
    headers: dict[str, str]
    port: int


@dataclass
class KeptConnection:
    """Posts to /v1/classify over one connection; makes the next where `port` then points, once an answer ended it."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    streams: tuple[asyncio.StreamReader, asyncio.StreamWriter, int] | None = None

    async def post(self) -> Answer:
        """One answer; ConnectionError or IncompleteReadError when there is none."""
        if not self.streams:
            self.streams = (*await asyncio.open_connection("127.0.0.1", self.port, ssl=self.tls), self.port)
        reader, writer, port = self.streams
        fields = {"Host": "test", "Content-Type": "application/json", "Content-Length": len(BODY), **self.headers}
        lines = ["POST /v1/classify HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + BODY)
        status, *received = (await reader.readuntil(b"\r\n\r\n")).decode().strip().splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in received)}
        await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            self.close()
        return Answer(int(status.split()[1]), headers, port)

    def close(self) -> None:
        """The next answer comes over another connection."""
        if self.streams:
            self.streams[1].close()
        self.streams = None


@asynccontextmanager
async def listening(server: uvicorn.Server) -> AsyncIterator[tuple[int, asyncio.Task[Any]]]:
    """The port of a server that was configured with port 0, and the task that serves; told to stop at the end."""
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1], task
    finally:
        server.should_exit = True
        await task
