"""`GET /v2/models/{model}` and `…/ready`: the model, as clients of the v2 inference protocol ask for it."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.openapi import CALLER_PROBLEMS, describe
from services.gateway.problems import UNKNOWN_MODEL
from services.gateway.routes.api import Api
from services.gateway.v2.schemas import ModelMetadata, ModelReady, TensorMetadata
from services.http.problems import NOT_READY, ProblemError
from services.http.routing import json_answer


def add(api: Api) -> None:
    """Add the routes."""
    parameters = {"parameters": [api.model_parameter]}

    @api.app.get(
        "/v2/models/{model}",
        response_model=ModelMetadata,
        **describe("classify", given=(*CALLER_PROBLEMS, UNKNOWN_MODEL), extra=parameters, v2=True),
    )
    async def model(request: Request) -> Response:
        """Model metadata, v2 inference protocol."""
        async with api.pipeline.admitted(request, "classify"):
            api.check_model(request)
            return json_answer(_metadata(api.model_name))

    @api.app.get(
        "/v2/models/{model}/ready",
        response_model=ModelReady,
        **describe("classify", given=(*CALLER_PROBLEMS, UNKNOWN_MODEL, NOT_READY), extra=parameters, v2=True),
    )
    async def ready(request: Request) -> Response:
        """Model ready, v2 inference protocol."""
        async with api.pipeline.admitted(request, "classify"):
            api.check_model(request)
            if not await api.pipeline.ready():
                raise ProblemError(NOT_READY)
            return json_answer(ModelReady(name=api.model_name, ready=True))


def _metadata(name: str) -> ModelMetadata:
    return ModelMetadata(
        name=name,
        versions=["1"],
        platform="python",
        inputs=[TensorMetadata(name="TEXT", datatype="BYTES", shape=[-1, 1])],
        outputs=[
            TensorMetadata(name="LOGITS", datatype="FP32", shape=[-1, 2]),
            TensorMetadata(name="MODEL_VERSION", datatype="BYTES", shape=[-1, 1]),
        ],
    )
