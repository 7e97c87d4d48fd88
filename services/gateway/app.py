"""The application: wiring only."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware

from services.gateway.audit import AuditSink
from services.gateway.auth import TokenVerifier
from services.gateway.classification import Classification
from services.gateway.clock import Clock
from services.gateway.deidentify import DeidentificationError, Deidentifier
from services.gateway.metrics import Metrics
from services.gateway.recording import Recording
from services.gateway.rotation import Rotation
from services.gateway.schemas import DeidentifiedResponse
from services.gateway.triton_client import TritonClient
from services.http import app as http

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dependencies:
    """The outside things that the gateway uses, one seam each."""

    verifier: TokenVerifier
    deidentifier: Deidentifier
    make_triton: Callable[[], TritonClient]  # called in the event loop, which gRPC binds to
    audit: AuditSink
    clock: Clock
    rotation: Rotation


def create_app(dependencies: Dependencies, *, model_name: str, timeout_s: float, docs: bool = False) -> FastAPI:
    """The gateway on these dependencies. It is ready once the de-identifier is loaded and Triton has the model."""
    registry = CollectorRegistry()
    metrics = Metrics(registry, certificate_end=lambda: dependencies.rotation.identity.not_after)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        loading = asyncio.create_task(_load(dependencies.deidentifier))
        rotating = asyncio.create_task(dependencies.rotation.run())
        app.state.triton = dependencies.make_triton()
        yield
        loading.cancel()
        rotating.cancel()
        dependencies.deidentifier.close()
        await app.state.triton.close()

    async def ready() -> bool:
        return dependencies.deidentifier.ready and bool(await app.state.triton.ready())

    app = http.create(
        title="Inference gateway",
        ready=ready,
        registry=registry,
        lifespan=lifespan,
        middleware=[Middleware(Recording, audit=dependencies.audit, clock=dependencies.clock)],
        docs=docs,
    )

    @app.post("/v1/classify", openapi_extra=http.CLASSIFY_BODY)
    async def classify(request: Request) -> DeidentifiedResponse:
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

    return app


async def _load(deidentifier: Deidentifier) -> None:
    try:
        await deidentifier.load()
        logger.info("The de-identifier is loaded.")
    except DeidentificationError:
        logger.error("The de-identifier could not be loaded: the gateway stays unready and refuses every text.")
