"""The application that a service adds its route to."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Lifespan

from services.http import problems
from services.http.metrics import HttpMetrics
from services.http.middleware import RequestMiddleware
from services.http.problems import ProblemError
from services.http.routing import DirectRoute, Dispatch
from services.http.schemas import ClassifyRequest

PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked every few seconds by machines, and without anything about a person."""


def body_of(kind: type[ClassifyRequest]) -> dict[str, Any]:
    """`openapi_extra` for a route that reads its body through `services.http.body.request_of`."""
    content = {"application/json": {"schema": kind.model_json_schema()}}
    return {"requestBody": {"required": True, "content": content}}


CLASSIFY_BODY = body_of(ClassifyRequest)


class _Application(FastAPI):
    """FastAPI describes the routes; a request goes through our middleware to `Dispatch`, and through nothing else.

    What FastAPI would put around them has nothing to do here: it limits bodies, which `body` does, closes what was
    injected, which nothing is, and answers what nobody caught, which `RequestMiddleware` does without saying what it was.
    """

    def build_middleware_stack(self) -> ASGIApp:
        """Called once, when every route is there."""
        app: ASGIApp = Dispatch(self.router)
        for each in reversed(self.user_middleware):
            app = each.cls(app, *each.args, **each.kwargs)
        return app


def create(
    *,
    title: str,
    ready: Callable[[], Awaitable[bool]],
    registry: CollectorRegistry,
    lifespan: Lifespan[Any] | None = None,
    middleware: Sequence[Middleware] = (),
    docs: bool = False,
) -> FastAPI:
    """An application with /livez, /readyz (503 until `ready()`), /metrics, problem details and request ids.

    `middleware` runs within the one that gives the request its id; `docs` serves /docs and /openapi.json. Its routes
    take the request and return the answer (`DirectRoute`). FastAPI's own telemetry, which records paths, queries and
    messages of exceptions, stays off whatever the environment says.
    """
    app = _Application(
        title=title,
        version="1",
        lifespan=lifespan,
        middleware=[Middleware(RequestMiddleware, metrics=HttpMetrics(registry)), *middleware],
        redirect_slashes=False,
        openapi_url="/openapi.json" if docs else None,
        docs_url="/docs" if docs else None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    app.router.route_class = DirectRoute
    _add_probes(app, ready, registry)
    return app


def _add_probes(app: FastAPI, ready: Callable[[], Awaitable[bool]], registry: CollectorRegistry) -> None:
    @app.get("/livez", include_in_schema=False)
    async def livez(_request: Request) -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.get("/readyz", include_in_schema=False)
    async def readyz(_request: Request) -> JSONResponse:
        if not await ready():
            raise ProblemError(problems.NOT_READY)
        return JSONResponse({"status": "ok"})

    @app.get("/metrics", include_in_schema=False)
    async def metrics(_request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
