"""`POST /v2/models/{model}/infer`: what `/v1/classify` does, in the protocol that existing clients speak."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.openapi import TEXT_PROBLEMS, TRITON_PROBLEMS, describe
from services.gateway.pipeline import Call
from services.gateway.problems import BAD_BINARY, BAD_INFERENCE, UNKNOWN_MODEL
from services.gateway.routes.api import Api
from services.gateway.triton_client import Scores
from services.gateway.v2 import schemas, tensors
from services.gateway.v2.schemas import InferAnswer, InferRequest
from services.http.problems import UNKNOWN_FIELD, UNSUPPORTED_MEDIA_TYPE, ProblemError

_BINARY = "application/octet-stream"
_MEDIA_TYPES = ("", "application/json", _BINARY)
_JSON_LENGTH = {
    "name": "Inference-Header-Content-Length",
    "in": "header",
    "schema": {"type": "integer", "minimum": 0},
    "description": "How many bytes of the body are JSON, where tensors follow in binary.",
}
_BODY = {
    "required": True,
    "content": {"application/json": {"schema": schemas.schema(InferRequest)}, _BINARY: {}},
}
_PROBLEMS = (
    *(each for each in TEXT_PROBLEMS if each is not UNKNOWN_FIELD),
    *(*TRITON_PROBLEMS, BAD_BINARY, BAD_INFERENCE, UNKNOWN_MODEL),
)


def add(api: Api) -> None:
    """Add the route."""
    extra = {"parameters": [api.model_parameter, _JSON_LENGTH], "requestBody": _BODY}

    @api.app.post(
        "/v2/models/{model}/infer",
        response_model=InferAnswer,
        **describe("classify", given=_PROBLEMS, extra=extra, v2=True),
    )
    async def infer(request: Request) -> Response:
        """Infer, v2 inference protocol. Identifiers are taken out before the model sees the texts."""
        async with api.pipeline.admitted(request, "classify") as call:
            api.check_model(request)
            _check_media_type(request)
            body = await call.raw_body()
            asked, texts = tensors.parse(body, request.headers.get(schemas.HEADER_LENGTH))
            call.charge(texts)
            call.check_triton(texts)
            scores = await call.scores(await call.deidentified(texts))
            return _answer(asked, scores, call)


def _check_media_type(request: Request) -> None:
    """Clients of the protocol send none, or not that of what they send."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _MEDIA_TYPES:
        raise ProblemError(UNSUPPORTED_MEDIA_TYPE)


def _answer(asked: InferRequest, scores: Scores, call: Call) -> Response:
    outputs = [tensors.tensor(name, scores, binary=binary) for name, binary in tensors.wanted(asked)]
    answer = InferAnswer(
        model_name=call.pipeline.model_name,
        model_version=scores.model_version,
        id=call.record.request_id,
        parameters={"policy_version": call.pipeline.policy_version},
        outputs=[tensor for tensor, _ in outputs],
    )
    head = answer.model_dump_json(exclude_none=True).encode()
    raw = b"".join(binary for _, binary in outputs)
    limits = call.admission.headers
    if not raw:
        return Response(head, headers=limits, media_type="application/json")
    length = {"Inference-Header-Content-Length": str(len(head))}
    return Response(head + raw, headers={**limits, **length}, media_type=_BINARY)
