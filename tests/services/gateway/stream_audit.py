"""An audit trail in memory, for tests that are not about it."""

import json
from typing import Any

from services.gateway.audit import AuditError, Record, TrailState
from services.gateway.audit.chain import Head
from services.gateway.clock import Clock


class StreamAuditSink:
    """Records as JSON lines on a stream; a stream that can't be written fails the record."""

    def __init__(self, stream: Any, *, clock: Clock, deid_policy: str) -> None:
        self._stream = stream
        self._clock = clock
        self._deid_policy = deid_policy
        self.ready = True

    async def write(self, record: Record, *, status: int) -> None:
        now, monotonic = self._clock.now(), self._clock.monotonic()
        fields = record.fields(status=status, now=now, monotonic=monotonic, deid_policy=self._deid_policy)
        try:
            self._stream.write(json.dumps(fields) + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # ValueError: the stream is closed
            raise AuditError from None

    def state(self) -> TrailState:
        head = Head("20260102T030405000000Z-gateway-0", 7, "a" * 64)
        return TrailState(head, None, writable=self.ready, whole=True)

    def close(self) -> None:
        self.ready = False
