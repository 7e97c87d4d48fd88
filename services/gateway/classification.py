"""`POST /v1/classify`: authenticate, check, de-identify, ask, answer. Each step refuses by raising a ProblemError."""

from dataclasses import dataclass

from starlette.requests import Request

from services.gateway import problems
from services.gateway.audit import Record
from services.gateway.auth import Principal, TokenVerifier
from services.gateway.clock import Clock
from services.gateway.deidentify import DeidentificationError, Deidentified, Deidentifier, LanguageRefused
from services.gateway.metrics import Metrics
from services.gateway.schemas import DeidentifiedResponse
from services.gateway.triton_client import Scores, TritonClient, TritonError
from services.http.body import classify_request
from services.http.problems import ProblemError
from services.http.schemas import ModelInfo, Prediction

SCOPE = "classify"


@dataclass(frozen=True)
class Classification:
    """The route's collaborators."""

    verifier: TokenVerifier
    deidentifier: Deidentifier
    triton: TritonClient
    metrics: Metrics
    clock: Clock
    model_name: str
    timeout_s: float

    async def answer(self, request: Request, record: Record) -> DeidentifiedResponse:
        """The predictions for a request; fills in its audit record on the way."""
        deadline = self.clock.monotonic() + self.timeout_s
        with self.metrics.stage("auth"):
            principal = self._authenticate(request, record)
            principal.require(SCOPE)
        body = await classify_request(request, timeout_s=deadline - self.clock.monotonic())
        deidentified = await self._deidentify(body.inputs, deadline)
        for each in deidentified:
            record.entities += each.counts()
        self.metrics.entities(record.entities)
        record.model_name = self.model_name
        scores = await self._ask([each.text for each in deidentified], deadline)
        record.model_version = scores.model_version
        return DeidentifiedResponse(
            predictions=[_prediction(negative, positive) for negative, positive in scores.probabilities],
            model=ModelInfo(name=self.model_name, version=scores.model_version),
            request_id=record.request_id,
            deidentified=[dict(each.counts()) for each in deidentified],
        )

    def _authenticate(self, request: Request, record: Record) -> Principal:
        headers = request.headers.getlist("authorization")
        if len(headers) > 1:  # another reader might have chosen the other one
            raise ProblemError(problems.MISSING_TOKEN)
        principal = self.verifier.verify(headers[0] if headers else None)
        record.subject = principal.subject
        return principal

    async def _deidentify(self, texts: list[str], deadline: float) -> list[Deidentified]:
        with self.metrics.stage("deidentify"):
            try:
                found = await self.deidentifier.deidentify(texts, deadline=deadline)
            except LanguageRefused:
                raise ProblemError(problems.LANGUAGE_REFUSED) from None
            except DeidentificationError:
                raise ProblemError(problems.DEIDENTIFICATION_FAILED) from None
        if len(found) != len(texts):
            raise ProblemError(problems.DEIDENTIFICATION_FAILED)
        return found

    async def _ask(self, texts: list[str], deadline: float) -> Scores:
        with self.metrics.stage("triton"):
            try:
                scores = await self.triton.classify(texts, deadline=deadline)
            except TritonError:
                raise ProblemError(problems.MODEL_UNAVAILABLE) from None
        if len(scores.probabilities) != len(texts):
            raise ProblemError(problems.MODEL_UNAVAILABLE)
        return scores


def _prediction(negative: float, positive: float) -> Prediction:
    if positive >= negative:
        return Prediction(label="POSITIVE", score=round(positive, 6))
    return Prediction(label="NEGATIVE", score=round(negative, 6))
