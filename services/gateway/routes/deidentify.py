"""`POST /v1/deidentify`: texts without their identifiers, and where those were. Nothing goes to Triton."""

from starlette.requests import Request
from starlette.responses import Response

from services.gateway.deidentify import Deidentified
from services.gateway.openapi import TEXT_PROBLEMS, describe
from services.gateway.routes.api import Api
from services.gateway.schemas import DeidentifiedText, DeidentifyAnswer, DeidentifyRequest, FoundSpan
from services.http.app import body_of


def add(api: Api) -> None:
    """Add the route."""

    @api.app.post(
        "/v1/deidentify",
        response_model=DeidentifyAnswer,
        **describe("deidentify", given=TEXT_PROBLEMS, extra=body_of(DeidentifyRequest)),
    )
    async def deidentify(request: Request) -> Response:
        """De-identify texts, for callers that may have them back."""
        async with api.pipeline.admitted(request, "deidentify") as call:
            given = await call.request_of(DeidentifyRequest)
            texts = given.inputs
            call.charge(texts)
            found = await call.deidentified(texts, given.scope(call.record.subject or ""))
            return call.answer(
                DeidentifyAnswer(
                    deidentified=[_text(each) for each in found],
                    policy_version=api.pipeline.policy_version,
                    request_id=call.record.request_id,
                )
            )


def _text(found: Deidentified) -> DeidentifiedText:
    spans = [FoundSpan(start=span.start, end=span.end, type=span.type) for span in found.spans]
    return DeidentifiedText(text=found.text, spans=spans)
