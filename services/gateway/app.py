"""The application: wiring only."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from services.gateway.audit import AuditSink
from services.gateway.auth import TokenVerifier
from services.gateway.classification import Classification
from services.gateway.clock import Clock
from services.gateway.deidentify import DeidentificationError, Deidentifier
from services.gateway.metrics import Metrics
from services.gateway.problems import Problem, from_http_exception, not_ready, request_id_of
from services.gateway.recording import Recording
from services.gateway.schemas import ClassifyAnswer, ClassifyRequest
from services.gateway.triton_client import TritonClient

logger = logging.getLogger(__name__)

ROUTES = frozenset({"/v1/classify", "/livez", "/readyz", "/metrics"})
_CLASSIFY_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ClassifyRequest.model_json_schema()}}}
}


@dataclass(frozen=True)
class Dependencies:
    """The outside things that the gateway uses, one seam each."""

    verifier: TokenVerifier
    deidentifier: Deidentifier
    make_triton: Callable[[], TritonClient]  # called in the event loop, which gRPC binds to
    audit: AuditSink
    clock: Clock


def create_app(dependencies: Dependencies, *, model_name: str, timeout_s: float, docs: bool = False) -> FastAPI:
    """The gateway on these dependencies. It is ready once the de-identifier is loaded and Triton has the model."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(_load(dependencies.deidentifier))
        app.state.triton = dependencies.make_triton()
        yield
        loading.cancel()
        dependencies.deidentifier.close()
        await app.state.triton.close()

    app = FastAPI(
        title="Inference gateway",
        version="1",
        lifespan=lifespan,
        redirect_slashes=False,
        openapi_url="/openapi.json" if docs else None,
        docs_url="/docs" if docs else None,
        redoc_url=None,
    )

    @app.post("/v1/classify", openapi_extra=_CLASSIFY_BODY)
    async def classify(request: Request) -> ClassifyAnswer:
        classification = Classification(
            verifier=dependencies.verifier,
            deidentifier=dependencies.deidentifier,
            triton=app.state.triton,
            metrics=metrics,
            clock=dependencies.clock,
            model_name=model_name,
            timeout_s=timeout_s,
        )
        return await classification.answer(request, request.state.record)

    @app.get("/livez", include_in_schema=False)
    async def live() -> Response:
        return Response("ok\n", media_type="text/plain")

    @app.get("/readyz", include_in_schema=False)
    async def ready() -> Response:
        if not dependencies.deidentifier.ready or not await app.state.triton.ready():
            raise not_ready()
        return Response("ok\n", media_type="text/plain")

    @app.get("/metrics", include_in_schema=False)
    async def exposition() -> Response:
        return Response(metrics.exposition(), media_type="text/plain; version=0.0.4")

    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _problem)
    app.add_middleware(Recording, routes=ROUTES, audit=dependencies.audit, metrics=metrics, clock=dependencies.clock)
    return app


async def _load(deidentifier: Deidentifier) -> None:
    try:
        await deidentifier.load()
        logger.info("The de-identifier is loaded.")
    except DeidentificationError:
        logger.error("The de-identifier could not be loaded: the gateway stays unready and refuses every text.")


async def _problem(request: Request, error: Exception) -> Response:
    problem = error if isinstance(error, Problem) else from_http_exception(_as_http_exception(error))
    request.state.record.outcome = problem.outcome
    return problem.response(request_id_of(request))


def _as_http_exception(error: Exception) -> HTTPException:
    if isinstance(error, HTTPException):
        return error
    raise error
