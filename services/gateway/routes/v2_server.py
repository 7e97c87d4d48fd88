"""`GET /v2` and `/v2/health/…`: the gateway as a server of the v2 inference protocol. For callers too, as all of it."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.openapi import CALLER_PROBLEMS, describe
from services.gateway.routes.api import Api
from services.gateway.v2.schemas import Live, Ready, ServerMetadata
from services.http.problems import NOT_READY, ProblemError
from services.http.routing import json_answer

NAME = "inference-gateway"
_METADATA = ServerMetadata(name=NAME, version="1", extensions=["binary_tensor_data"])


def add(api: Api) -> None:
    """Add the routes."""

    @api.app.get("/v2", response_model=ServerMetadata, **describe("classify", given=CALLER_PROBLEMS, v2=True))
    async def server(request: Request) -> Response:
        """Server metadata, v2 inference protocol."""
        async with api.pipeline.admitted(request, "classify"):
            return json_answer(_METADATA)

    @api.app.get("/v2/health/live", response_model=Live, **describe("classify", given=CALLER_PROBLEMS, v2=True))
    async def live(request: Request) -> Response:
        """Server live, v2 inference protocol."""
        async with api.pipeline.admitted(request, "classify"):
            return json_answer(Live(live=True))

    @api.app.get(
        "/v2/health/ready", response_model=Ready, **describe("classify", given=(*CALLER_PROBLEMS, NOT_READY), v2=True)
    )
    async def ready(request: Request) -> Response:
        """Server ready, v2 inference protocol."""
        async with api.pipeline.admitted(request, "classify"):
            if not await api.pipeline.ready():
                raise ProblemError(NOT_READY)
            return json_answer(Ready(ready=True))
