"""The application: wiring only."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import FastAPI
from opentelemetry.trace import NoOpTracer, Tracer
from prometheus_client import CollectorRegistry
from starlette.middleware import Middleware

from services.gateway import openapi
from services.gateway.audit import AuditSink
from services.gateway.auth import Authenticator
from services.gateway.clock import Clock
from services.gateway.deidentify import DeidentificationError, Deidentifier
from services.gateway.limits.admission import Limits
from services.gateway.limits.guarded import GuardedTriton
from services.gateway.limits.metrics import LimitsCollector, TritonCollector
from services.gateway.metrics import Metrics
from services.gateway.pipeline import Pipeline
from services.gateway.recording import Recording
from services.gateway.rotation import Rotation
from services.gateway.routes import audit, classify, deidentify, v2_infer, v2_model, v2_server
from services.gateway.routes.api import Api
from services.gateway.telemetry import Tracing
from services.http import app as http

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Dependencies:
    """The outside things that the gateway uses, one seam each. `background` runs while the gateway does."""

    authenticator: Authenticator
    limits: Limits
    deidentifier: Deidentifier
    make_triton: Callable[[], GuardedTriton]  # called in the event loop, which gRPC binds to
    audit: AuditSink
    clock: Clock
    rotation: Rotation
    tracer: Tracer = field(default_factory=NoOpTracer)
    background: tuple[Callable[[CollectorRegistry], Awaitable[None]], ...] = ()


@dataclass(frozen=True)
class Options:
    """What of the settings the application needs."""

    model_name: str
    policy_version: str
    timeout_s: float
    max_tokens: int
    trace_ratio: float = 0.0
    docs: bool = False


def create_app(dependencies: Dependencies, options: Options) -> FastAPI:
    """The gateway on these dependencies. It is ready once the de-identifier is loaded and Triton has the model."""
    registry = CollectorRegistry()
    registry.register(LimitsCollector(dependencies.limits))
    metrics = Metrics(
        registry,
        certificate_end=lambda: dependencies.rotation.identity.not_after,
        audit_ready=lambda: dependencies.audit.ready,
        policy_version=options.policy_version,
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        triton = dependencies.make_triton()
        registry.register(TritonCollector(triton))
        app.state.pipeline = _pipeline(dependencies, options, triton, metrics)
        running = [asyncio.ensure_future(each) for each in _running(dependencies, registry)]
        yield
        for each in running:
            each.cancel()
        dependencies.deidentifier.close()
        await triton.close()
        await asyncio.to_thread(dependencies.audit.close)

    async def ready() -> bool:
        return await app.state.pipeline.ready()  # type: ignore[no-any-return]

    app = http.create(
        title="Inference gateway",
        ready=ready,
        registry=registry,
        lifespan=lifespan,
        middleware=[
            Middleware(Tracing, tracer=dependencies.tracer, ratio=options.trace_ratio, observe=metrics.observe),
            Middleware(Recording, audit=dependencies.audit, clock=dependencies.clock),
        ],
        docs=options.docs,
    )
    openapi.install(app)
    api = Api(app, options.model_name)
    for route in (classify, deidentify, audit, v2_infer, v2_model, v2_server):
        route.add(api)
    return app


def _pipeline(dependencies: Dependencies, options: Options, triton: GuardedTriton, metrics: Metrics) -> Pipeline:
    return Pipeline(
        authenticator=dependencies.authenticator,
        limits=dependencies.limits,
        deidentifier=dependencies.deidentifier,
        triton=triton,
        audit=dependencies.audit,
        metrics=metrics,
        clock=dependencies.clock,
        model_name=options.model_name,
        policy_version=options.policy_version,
        timeout_s=options.timeout_s,
        max_tokens=options.max_tokens,
    )


def _running(dependencies: Dependencies, registry: CollectorRegistry) -> list[Awaitable[None]]:
    return [
        _load(dependencies.deidentifier),
        dependencies.rotation.run(),
        dependencies.authenticator.run(),
        *(run(registry) for run in dependencies.background),
    ]


async def _load(deidentifier: Deidentifier) -> None:
    try:
        await deidentifier.load()
        gc.collect()
        gc.freeze()  # what is loaded now stays: no collection has to look through it again
        logger.info("The de-identifier is loaded.")
    except DeidentificationError:
        logger.error("The de-identifier could not be loaded: the gateway stays unready and refuses every text.")
