"""The application that a service adds its route to."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import JSONResponse, Response
from starlette.types import Lifespan

from services.http import problems
from services.http.body import RequestMiddleware
from services.http.metrics import HttpMetrics
from services.http.problems import ProblemError
from services.http.schemas import ClassifyRequest

CLASSIFY_BODY = {
    "requestBody": {
        "required": True, "content": {"application/json": {"schema": ClassifyRequest.model_json_schema()}}
    }
}
"""`openapi_extra` for a route that reads its body through `services.http.body.classify_request`."""


def create(
    *,
    title: str,
    ready: Callable[[], Awaitable[bool]],
    registry: CollectorRegistry,
    lifespan: Lifespan[Any] | None = None,
) -> FastAPI:
    """An application with /livez, /readyz (503 until `ready()`), /metrics, problem details and request ids."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_middleware(RequestMiddleware, metrics=HttpMetrics(registry))
    problems.install(app)

    @app.get("/livez")
    async def livez() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz")
    async def readyz() -> JSONResponse:
        if not await ready():
            raise ProblemError(problems.NOT_READY)
        return JSONResponse({"status": "ok"})

    @app.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return app
