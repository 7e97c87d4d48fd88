"""The application: wiring only."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry, Histogram
from starlette.responses import Response

from services.fastapi_svc.classifier import Classifier
from services.http import app as http
from services.http.body import classify_request
from services.http.routing import json_answer
from services.http.schemas import ClassifyResponse, ModelInfo, Prediction
from services.http.scope import request_id


def create_app(*, classifier: Classifier, concurrency: int) -> FastAPI:
    """The service around a loaded model, so ready as soon as it listens.

    At most `concurrency` inferences run at a time, off the event loop; further requests wait in order.
    """
    registry = CollectorRegistry()
    inference = Histogram(
        "inference_duration_seconds", "Time to wait for, tokenise and infer one request.", registry=registry
    )
    pool = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="inference")
    model = ModelInfo(name=classifier.manifest.name, version=classifier.manifest.version)

    async def ready() -> bool:
        return True

    app = http.create(title="fastapi-svc", ready=ready, registry=registry)

    @app.post("/v1/classify", response_model=ClassifyResponse, openapi_extra=http.CLASSIFY_BODY)
    async def classify(request: Request) -> Response:
        body = await classify_request(request)
        with inference.time():
            results = await asyncio.get_running_loop().run_in_executor(pool, classifier.classify, body.inputs)
        return json_answer(
            ClassifyResponse(
                predictions=[Prediction(label=label, score=score) for label, score in results],
                model=model,
                request_id=request_id(request.scope),
            )
        )

    return app
