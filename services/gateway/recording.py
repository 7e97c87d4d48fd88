"""The outermost layer: gives each request its id, counts it, and lets no answer leave before it is on record."""

import logging
from uuid import uuid4

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.audit import AuditError, AuditSink, Record
from services.gateway.clock import Clock
from services.gateway.metrics import Metrics
from services.gateway.problems import audit_failed, internal_error

logger = logging.getLogger(__name__)

UNMATCHED = "unmatched"
# Asked every few seconds by machines, and without anything about a person.
UNAUDITED = frozenset({"/livez", "/readyz", "/metrics"})


class Recording:
    """ASGI middleware. Holds an answer back (they are small) until it is on record; a failed record makes it a 503."""

    def __init__(
        self, app: ASGIApp, *, routes: frozenset[str], audit: AuditSink, metrics: Metrics, clock: Clock
    ) -> None:
        self._app = app
        self._routes = routes
        self._audit = audit
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        route = scope["path"] if scope["path"] in self._routes else UNMATCHED
        record = Record(request_id=str(uuid4()), route=route, started=self._clock.monotonic())
        scope.setdefault("state", {})["record"] = record
        answer = await self._answer(scope, receive, record)
        answer = await self._on_record(scope, record, answer)
        self._metrics.request(route, status=answer[0]["status"])
        for message in answer:
            await send(message)

    async def _answer(self, scope: Scope, receive: Receive, record: Record) -> list[Message]:
        answer = _Answer(record.request_id)
        try:
            await self._app(scope, receive, answer.send)
        except Exception as error:
            # The exception's text may quote the request: its type has to do.
            logger.error("Request %s failed with %s.", record.request_id, type(error).__name__)
            record.outcome = "internal_error"
            answer = _Answer(record.request_id)
            await internal_error().response(record.request_id)(scope, receive, answer.send)
        return answer.messages

    async def _on_record(self, scope: Scope, record: Record, answer: list[Message]) -> list[Message]:
        if record.route in UNAUDITED:
            return answer
        try:
            self._audit.write(record, status=answer[0]["status"])
        except AuditError:
            logger.error("Request %s could not be recorded.", record.request_id)
            refusal = _Answer(record.request_id)
            await audit_failed().response(record.request_id)(scope, _no_body, refusal.send)
            return refusal.messages
        return answer


class _Answer:
    """Keeps the messages of an answer, with the request's id in a header."""

    def __init__(self, request_id: str) -> None:
        self.messages: list[Message] = []
        self._header = (b"x-request-id", request_id.encode())

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), self._header, (b"cache-control", b"no-store")]
        self.messages.append(message)


async def _no_body() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}
