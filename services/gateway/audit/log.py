"""The gateway's audit trail: requests that end at the same time become durable with one write."""

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from services.gateway.audit.chain import Head
from services.gateway.audit.record import AuditError, Record, TrailState
from services.gateway.audit.writer import ChainWriter, Volume
from services.gateway.clock import Clock

logger = logging.getLogger(__name__)

ANCHOR_S = 60.0
"""How often the trail's head goes to the operational log while records come."""
RETRY_S = 1.0
"""How often a trail that can't be written is tried again."""
TIMEOUT_S = 5.0
"""How long a request waits for its record. It may come to be written after all: there is then a record of an answer that
did not leave, and never the other way round."""


@dataclass(frozen=True)
class Origin:
    """What the start record says of the process: its pod, its image, the policy by which it de-identifies."""

    instance: str
    version: str
    deid_policy: str


@dataclass
class _Entry:
    fields: Mapping[str, Any]
    loop: asyncio.AbstractEventLoop
    durable: "asyncio.Future[None]"


class AuditLog:
    """An AuditSink on a volume. One thread writes: a single request waits for no other, and those that come meanwhile
    share the next write.
    """

    def __init__(self, volume: Volume, origin: Origin, *, clock: Clock, timeout_s: float = TIMEOUT_S) -> None:
        """Begins at once; `ready` tells when the trail's start is durable."""
        self._clock = clock
        self._origin = origin
        self._timeout_s = timeout_s
        self._writer = ChainWriter(volume, name=self._chain_name, start=self._start_fields)
        self._waiting: SimpleQueue[_Entry | None] = SimpleQueue()
        self._lost = 0
        self._closed = False
        self._failing = False
        self._anchored: Head | None = None
        self._anchor_at = 0.0
        self._thread = threading.Thread(target=self._run, name="audit", daemon=True)
        self._thread.start()

    @property
    def ready(self) -> bool:
        """Whether the last write succeeded."""
        return self._writer.head is not None and not self._failing and not self._closed

    @property
    def head(self) -> Head | None:
        """The last durable record; None before the first."""
        return self._writer.head

    def state(self) -> TrailState:
        """As AuditSink says."""
        whole = self._writer.ends_with_head()
        return TrailState(self.head, self._anchored, writable=self.ready, whole=whole)

    async def write(self, record: Record, *, status: int) -> None:
        """As AuditSink says."""
        if self._closed:
            raise AuditError
        fields = record.fields(
            status=status,
            now=self._clock.now(),
            monotonic=self._clock.monotonic(),
            deid_policy=self._origin.deid_policy,
        )
        loop = asyncio.get_running_loop()
        entry = _Entry(fields, loop, loop.create_future())
        self._waiting.put(entry)
        late = loop.call_later(self._timeout_s, _wake, [entry], AuditError())
        try:
            await entry.durable
        finally:
            late.cancel()

    def close(self) -> None:
        """Write what waits, and that this is the end."""
        if not self._closed:
            self._closed = True
            self._waiting.put(None)
            self._thread.join()

    def _run(self) -> None:
        self._commit([])
        self._anchor_if_due()
        closing = False
        while not closing:
            entries, closing = self._next()
            if entries or self._failing:
                self._commit(entries)
            self._anchor_if_due()
        with suppress(OSError):
            self._writer.append([{"kind": "end", "time": self._now()}])
        self._anchor()
        self._writer.close()

    def _next(self) -> tuple[list[_Entry], bool]:
        """What waits, at once where something does; whether it is the last."""
        entries: list[_Entry] = []
        closing = False
        try:
            first = self._waiting.get(timeout=RETRY_S if self._failing else ANCHOR_S)
            entries, closing = ([first], False) if first else ([], True)
            while not self._waiting.empty():
                if entry := self._waiting.get_nowait():
                    entries.append(entry)
                else:
                    closing = True
        except Empty:
            pass
        return entries, closing

    def _commit(self, entries: Sequence[_Entry]) -> None:
        error: AuditError | None = None
        records = [entry.fields for entry in entries]
        if self._failing and self._writer.head:
            records.insert(0, {"kind": "recovered", "time": self._now(), "unrecorded": self._lost})
        try:
            self._writer.append(records)
            self._succeeded()
        except OSError as caught:
            error = AuditError()
            self._failed(caught, len(entries))
        except Exception as caught:  # the thread has to live: without it every request would wait in vain
            error = AuditError()
            self._failed(OSError(type(caught).__name__), len(entries))
        _settle(entries, error)

    def _succeeded(self) -> None:
        if self._failing:
            logger.info("The audit trail can be written again; %d requests were refused meanwhile.", self._lost)
        self._failing, self._lost = False, 0

    def _failed(self, error: OSError, refused: int) -> None:
        if not self._failing:
            reason = error.strerror or str(error)
            logger.error("The audit trail can't be written, and every request is refused until it can: %s.", reason)
        self._failing = True
        self._lost += refused

    def _anchor_if_due(self) -> None:
        if self._clock.monotonic() >= self._anchor_at:
            self._anchor_at = self._clock.monotonic() + ANCHOR_S
            self._anchor()

    def _anchor(self) -> None:
        """Say where the chain is, where whoever can write the volume can't take it back."""
        head = self._writer.head
        if head and head != self._anchored:
            logger.info("Audit anchor: chain %s sequence %d hash %s", head.chain, head.sequence, head.hash)
            self._anchored = head

    def _start_fields(self) -> dict[str, Any]:
        origin = self._origin
        return {
            "time": self._now(),
            "instance": origin.instance,
            "version": origin.version,
            "deid_policy": origin.deid_policy,
        }

    def _chain_name(self, before: str) -> str:
        """Behind the one before, also after the clock was put back."""
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%S%f")
        if stamp <= before[: len(stamp)]:
            day, _, time = before[: len(stamp)].partition("T")
            stamp = f"{day}T{int(time) + 1:012d}"
        return f"{stamp}Z-{self._origin.instance}"

    def _now(self) -> str:
        return self._clock.now().isoformat(timespec="milliseconds")


def _settle(entries: Sequence[_Entry], error: AuditError | None) -> None:
    """Wake the requests, with one call into each event loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Entry]] = {}
    for entry in entries:
        by_loop.setdefault(entry.loop, []).append(entry)
    for loop, settled in by_loop.items():
        with suppress(RuntimeError):  # the loop is closed: nobody waits
            loop.call_soon_threadsafe(_wake, settled, error)


def _wake(entries: Sequence[_Entry], error: AuditError | None) -> None:
    for entry in entries:
        if entry.durable.done():  # cancelled, or waited for too long
            continue
        if error:
            entry.durable.set_exception(error)
        else:
            entry.durable.set_result(None)
