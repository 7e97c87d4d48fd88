"""What is known about one request, and where it goes."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from services.gateway.audit.chain import Head


@dataclass
class Record:
    """What is known about one request so far. It has no field that request text or a token could be put in.

    `method` is how the caller proved who it is: `token` or `certificate`.
    """

    request_id: str
    route: str
    started: float
    subject: str | None = None
    method: str | None = None
    outcome: str = "answered"
    model_name: str | None = None
    model_version: str | None = None
    entities: Counter[str] = field(default_factory=Counter)

    def fields(self, *, status: int, now: datetime, monotonic: float, deid_policy: str) -> dict[str, Any]:
        """As it is written; the chain adds its own."""
        return {
            "kind": "request",
            "time": now.isoformat(timespec="milliseconds"),
            "request_id": self.request_id,
            "subject": self.subject,
            "method": self.method,
            "route": self.route,
            "outcome": self.outcome,
            "status": status,
            "model": {"name": self.model_name, "version": self.model_version},
            "deid_policy": deid_policy,
            "entities": dict(self.entities),
            "duration_ms": round((monotonic - self.started) * 1000, 3),
        }


@dataclass(frozen=True)
class TrailState:
    """Where a trail is: its last durable record, None before the first, and the last one that was anchored.

    `whole` says whether the volume ends with that record: it does not where the end was cut off or added to.
    """

    head: Head | None
    anchor: Head | None
    writable: bool
    whole: bool


class AuditError(Exception):
    """The record could not be written; the request must not be answered."""


class AuditSink(Protocol):
    """Where records go."""

    @property
    def ready(self) -> bool:
        """Whether the next record is expected to succeed."""
        ...

    async def write(self, record: Record, *, status: int) -> None:
        """Return when the record is durable, before its answer leaves; AuditError when that fails.

        The record is on its way when this first waits: one that is cancelled is written nevertheless.
        """
        ...

    def state(self) -> TrailState:
        """Where the trail is. Reads the volume: call it off the event loop."""
        ...

    def close(self) -> None:
        """Write what is on its way and end the trail."""
        ...
