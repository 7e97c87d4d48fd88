"""What surrounds every request: its id, the limit on its body, the answer to an unforeseen error; and the reader."""

import logging
import time
import traceback
import uuid
from typing import TYPE_CHECKING

from fastapi import Request
from pydantic import ValidationError
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect

from services.http import problems
from services.http.problems import ProblemError
from services.http.schemas import MAX_BODY_BYTES, ClassifyRequest

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from services.http.metrics import HttpMetrics

logger = logging.getLogger(__name__)


class RequestMiddleware:
    """Give each request a UUID (`request.state.request_id`, response header X-Request-ID) and count it in `metrics`.

    Reading more than `max_body_bytes` raises ProblemError(BODY_TOO_LARGE) at the chunk that passes the limit, and at
    once where Content-Length says so: nothing beyond the limit is kept. An unforeseen error is answered with a 500 and
    logged as its class and place only, because its message may hold a text.
    """

    def __init__(self, app: "ASGIApp", *, metrics: "HttpMetrics", max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._metrics = metrics
        self._limit = max_body_bytes

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = str(uuid.uuid4())
        scope.setdefault("state", {})["request_id"] = identifier
        started = time.perf_counter()
        status: int | None = None

        async def send_with_id(message: "Message") -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-ID"] = identifier
            await send(message)

        try:
            await self._app(scope, self._limited(scope, receive), send_with_id)
        except ClientDisconnect:
            status = status or 499  # nobody is left to answer; the metrics say so
        except Exception as error:  # the last resort: no message may reach the log or the client
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.error("%s at %s:%s, request %s", type(error).__name__, place.filename, place.lineno, identifier)
            if status is None:
                answer = problems.response(problems.INTERNAL_ERROR, request_id=identifier)
                await answer(scope, receive, send_with_id)
        finally:
            self._metrics.observe(scope, status=status or 500, seconds=time.perf_counter() - started)

    def _limited(self, scope: "Scope", receive: "Receive") -> "Receive":
        declared = Headers(scope=scope).get("content-length", "0")
        received = int(declared) if declared.isdecimal() and int(declared) > self._limit else 0

        async def limited() -> "Message":
            nonlocal received
            if received > self._limit:
                raise ProblemError(problems.BODY_TOO_LARGE, headers={"Connection": "close"})
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise ProblemError(problems.BODY_TOO_LARGE, headers={"Connection": "close"})
            return message

        return limited


async def classify_request(request: Request) -> ClassifyRequest:
    """The body of POST /v1/classify, as a dependency; raises ProblemError 400, 413, 415 or 422.

    Not a body parameter of FastAPI, which reads and parses the body before any other dependency (authentication) runs.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        raise ProblemError(problems.UNSUPPORTED_MEDIA_TYPE)
    try:
        return ClassifyRequest.model_validate_json(await request.body())
    except ValidationError as error:
        malformed = any(part["type"] == "json_invalid" for part in error.errors(include_input=False, include_url=False))
        problem = problems.MALFORMED_JSON if malformed else problems.INVALID_REQUEST
    raise ProblemError(problem)  # outside the handler: the validation error, which knows the text, is not chained
