"""`POST /v1/classify`: what the model says of texts, which it sees without their identifiers."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.openapi import TEXT_PROBLEMS, TRITON_PROBLEMS, describe
from services.gateway.routes.api import Api
from services.gateway.schemas import ClassifyAnswer
from services.http.app import CLASSIFY_BODY
from services.http.schemas import ModelInfo, Prediction


def add(api: Api) -> None:
    """Add the route."""

    @api.app.post(
        "/v1/classify",
        response_model=ClassifyAnswer,
        **describe("classify", given=(*TEXT_PROBLEMS, *TRITON_PROBLEMS), extra=CLASSIFY_BODY),
    )
    async def classify(request: Request) -> Response:
        """Classify texts. Identifiers are taken out before the model sees them."""
        pipeline = api.pipeline
        async with pipeline.admitted(request, "classify") as call:
            texts = await call.texts()
            call.charge(texts)
            call.check_triton(texts)
            found = await call.deidentified(texts)
            scores = await call.scores(found)
            return call.answer(
                ClassifyAnswer(
                    predictions=[_prediction(negative, positive) for negative, positive in scores.probabilities],
                    model=ModelInfo(name=pipeline.model_name, version=scores.model_version),
                    deidentified=[each.counts() for each in found],
                    policy_version=pipeline.policy_version,
                    request_id=call.record.request_id,
                )
            )


def _prediction(negative: float, positive: float) -> Prediction:
    if positive >= negative:
        return Prediction(label="POSITIVE", score=round(positive, 6))
    return Prediction(label="NEGATIVE", score=round(negative, 6))
