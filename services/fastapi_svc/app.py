"""The application: wiring only."""

import asyncio

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry, Histogram
from starlette.responses import Response

from services.fastapi_svc.batcher import Batcher, Policy, QueueFullError
from services.fastapi_svc.classifier import Classifier
from services.fastapi_svc.protocol import WHEN_LEFT
from services.http import app as http
from services.http.body import classify_request
from services.http.problems import Problem, ProblemError, unavailable
from services.http.routing import json_answer
from services.http.schemas import ClassifyResponse, Label, ModelInfo, Prediction
from services.http.scope import request_id

_QUEUE_FULL = unavailable("queue_full", "The service has more to do than it can; try again after Retry-After seconds.")
_CALLER_LEFT = Problem(400, "caller_left", "Keep the connection open until the answer comes.")
_WAITS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_TEXTS = (1, 2, 4, 8, 16, 24, 32, 64, 128)


def create_app(*, classifier: Classifier, policy: Policy) -> FastAPI:
    """The service around a loaded model, so ready as soon as it listens."""
    registry = CollectorRegistry()
    inference = Histogram(
        "inference_duration_seconds", "Time to wait for, tokenise and infer one request.", registry=registry
    )
    waits = Histogram(
        "inference_queue_seconds", "Time that a request waited for its batch.", buckets=_WAITS_S, registry=registry
    )
    batches = Histogram("inference_batch_texts", "Texts of a batch.", buckets=_TEXTS, registry=registry)
    batcher: Batcher[tuple[Label, float]] = Batcher(
        classifier.classify, policy, observe_batch=batches.observe, observe_wait=waits.observe
    )
    model = ModelInfo(name=classifier.manifest.name, version=classifier.manifest.version)

    async def ready() -> bool:
        return True

    app = http.create(title="fastapi-svc", ready=ready, registry=registry)

    @app.post("/v1/classify", response_model=ClassifyResponse, openapi_extra=http.CLASSIFY_BODY)
    async def classify(request: Request) -> Response:
        body = await classify_request(request)
        with inference.time():
            results = await _answers(batcher, request, body.inputs)
        return json_answer(
            ClassifyResponse(
                predictions=[Prediction(label=label, score=score) for label, score in results],
                model=model,
                request_id=request_id(request.scope),
            )
        )

    return app


async def _answers(
    batcher: Batcher[tuple[Label, float]], request: Request, texts: list[str]
) -> list[tuple[Label, float]]:
    """What the batcher says; ProblemError where it takes no more, or the caller has left while the texts waited."""
    try:
        answers = batcher.submit(texts)
    except QueueFullError:
        raise ProblemError(_QUEUE_FULL) from None
    request.scope["state"][WHEN_LEFT] = answers.cancel
    try:
        return await answers
    except asyncio.CancelledError:
        current = asyncio.current_task()
        if current is not None and current.cancelling():
            raise
        raise ProblemError(_CALLER_LEFT) from None
