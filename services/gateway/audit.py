"""The audit trail, 45 CFR 164.312(b): one JSON line for each request, answered or refused, and never its text."""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol, TextIO

from services.gateway.clock import Clock


@dataclass
class Record:
    """What is known about one request so far. It has no field that request text or a token could be put in."""

    request_id: str
    route: str
    started: float
    subject: str | None = None
    outcome: str = "answered"
    model_name: str | None = None
    model_version: str | None = None
    entities: Counter[str] = field(default_factory=Counter)


class AuditError(Exception):
    """The record could not be written; the request must not be answered."""


class AuditSink(Protocol):
    """Where records go."""

    def write(self, record: Record, *, status: int) -> None:
        """Write the record before its answer leaves; AuditError when that fails."""
        ...


class StreamAuditSink:
    """Records as JSON lines on a stream (standard output, which carries nothing else), flushed one by one."""

    def __init__(self, stream: TextIO, *, clock: Clock, deid_policy: str) -> None:
        self._stream = stream
        self._clock = clock
        self._deid_policy = deid_policy

    def write(self, record: Record, *, status: int) -> None:
        """Write and flush one line. Not `logging`: its handlers swallow the errors that must stop an answer."""
        line = json.dumps(
            {
                "time": self._clock.now().isoformat(timespec="milliseconds"),
                "request_id": record.request_id,
                "subject": record.subject,
                "route": record.route,
                "outcome": record.outcome,
                "status": status,
                "model": {"name": record.model_name, "version": record.model_version},
                "deid_policy": self._deid_policy,
                "entities": dict(sorted(record.entities.items())),
                "duration_ms": round((self._clock.monotonic() - record.started) * 1000, 3),
            }
        )
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            raise AuditError from error
