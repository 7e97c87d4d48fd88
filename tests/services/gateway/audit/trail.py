"""Trails to test with."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.gateway.audit import Record
from services.gateway.audit.log import AuditLog, Origin
from services.gateway.audit.writer import ChainWriter, Volume

ORIGIN = Origin("gateway-0", "registry/gateway@sha256:0", deid_policy="policy-9")
NAMES = iter(range(10**9))


class TickingClock:
    """Goes on by a microsecond whenever it is asked for the time of day, from wherever `offset` puts it."""

    def __init__(self) -> None:
        self.ticks = 0
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        self.ticks += 1
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC) + timedelta(microseconds=self.ticks)


def chain_writer(folder: Path, **volume: Any) -> ChainWriter:
    """A writer of the next chain in the folder."""
    return ChainWriter(
        Volume(folder, **{"max_bytes": 10**9, **volume}),
        name=lambda _: f"20260102T{next(NAMES):012d}Z-gateway-0",
        start=lambda: {"instance": "gateway-0"},
    )


def write_chain(folder: Path, *batches: int, end: bool = False, **volume: Any) -> str:
    """A chain with so many records a batch after its start record; its name."""
    writer = chain_writer(folder, **volume)
    number = iter(range(10**9))
    writer.append([])
    for size in batches:
        writer.append([{"kind": "request", "request_id": f"r{next(number)}"} for _ in range(size)])
    if end:
        writer.append([{"kind": "end"}])
    writer.close()
    assert writer.head
    return writer.head.chain


@contextmanager
def audit_log(folder: Path, *, max_bytes: int = 10**9, clock: Any = None, **options: Any) -> Iterator[AuditLog]:
    """A trail that is closed at the end."""
    log = AuditLog(Volume(folder, max_bytes), ORIGIN, clock=clock or TickingClock(), **options)
    try:
        yield log
    finally:
        log.close()


def record(request_id: str = "id") -> Record:
    return Record(request_id, "/v1/classify", 1000.0, subject="caller-7", method="token")


def write_records(log: AuditLog, request_ids: Sequence[str]) -> list[BaseException | None]:
    """Write one record each, all at the same time; what became of each."""

    async def together() -> list[BaseException | None]:
        return await asyncio.gather(
            *[log.write(record(each), status=200) for each in request_ids], return_exceptions=True
        )

    return asyncio.run(together())
