"""Lets no answer leave before the request is on record."""

import logging
from asyncio import CancelledError

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.audit import AuditError, AuditSink, Record
from services.gateway.clock import Clock
from services.gateway.problems import AUDIT_FAILED
from services.gateway.telemetry.stages import timed
from services.http.app import PROBES
from services.http.problems import INTERNAL_ERROR, ProblemError
from services.http.scope import UNMATCHED, request_id, route

logger = logging.getLogger(__name__)


class Recording:
    """ASGI middleware within `RequestMiddleware`. Holds an answer back (they are small) until it is on record.

    A failed record raises ProblemError(AUDIT_FAILED) in the answer's place; probes are not recorded.
    """

    def __init__(self, app: ASGIApp, *, audit: AuditSink, clock: Clock) -> None:
        self._app = app
        self._audit = audit
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        record = Record(request_id=request_id(scope), route=UNMATCHED, started=self._clock.monotonic())
        scope["state"]["record"] = record
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        try:
            await self._app(scope, receive, hold)
        except BaseException as error:  # a request that outlasts the gateway's end is cancelled, and on record too
            record.outcome = "cancelled" if isinstance(error, CancelledError) else INTERNAL_ERROR.name
            await self._write(scope, record, status=INTERNAL_ERROR.status)
            raise
        record.outcome = scope["state"].get("problem", record.outcome)
        await self._write(scope, record, status=held[0]["status"])
        for message in held:
            await send(message)

    async def _write(self, scope: Scope, record: Record, *, status: int) -> None:
        record.route = route(scope)
        if record.route in PROBES:
            return
        try:
            with timed(scope, "audit"):
                await self._audit.write(record, status=status)
        except AuditError:
            logger.error("Request %s could not be recorded.", record.request_id)
            raise ProblemError(AUDIT_FAILED) from None
