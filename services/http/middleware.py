"""The outermost layer of a service: what surrounds every request."""

import logging
import time
import traceback
import uuid

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.http import problems
from services.http.metrics import HttpMetrics
from services.http.problems import ProblemError
from services.http.randomness import random_bytes
from services.http.scope import CURRENT

logger = logging.getLogger(__name__)


class RequestMiddleware:
    """Give each request a UUID (`scope.request_id`, response header X-Request-Id) and count it in `metrics`.

    No answer may be stored by a cache. A ProblemError of a middleware further in is answered with its problem; any
    other error with a 500, and logged as its class and place only, because its message may hold a text.
    """

    def __init__(self, app: ASGIApp, *, metrics: HttpMetrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = str(uuid.UUID(bytes=random_bytes(16), version=4))
        scope.setdefault("state", {})["request_id"] = identifier
        CURRENT.set(scope)  # for the rest of this task, which is the request's
        marks = [(b"x-request-id", identifier.encode()), (b"cache-control", b"no-store")]
        started = time.perf_counter()
        status: int | None = None

        async def send_marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *marks]
            await send(message)

        try:
            await self._app(scope, receive, send_marked)
        except Exception as error:  # the last resort: no message may reach the log or the client
            problem = _logged(error, identifier)
            if status is None:
                await problems.response(problem, scope)(scope, receive, send_marked)
        finally:
            self._metrics.observe(scope, status=status or 500, seconds=time.perf_counter() - started)


def _logged(error: Exception, identifier: str) -> problems.Problem:
    if isinstance(error, ProblemError):
        logger.error("Request %s failed: %s.", identifier, error.problem.name)
        return error.problem
    place = traceback.extract_tb(error.__traceback__)[-1]
    logger.error("%s at %s:%s, request %s", type(error).__name__, place.filename, place.lineno, identifier)
    return problems.INTERNAL_ERROR
