"""`POST /v1/classify`: authenticate, check, de-identify, ask, answer. Each step refuses by raising a Problem."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import ClientDisconnect, Request

from services.gateway.audit import Record
from services.gateway.auth import Principal, TokenVerifier
from services.gateway.clock import Clock
from services.gateway.deidentify import DeidentificationError, Deidentified, Deidentifier, LanguageRefused
from services.gateway.metrics import Metrics
from services.gateway.problems import (
    body_timeout,
    body_too_large,
    deidentification_failed,
    incomplete_body,
    language_refused,
    malformed_json,
    missing_token,
    model_unavailable,
    unsupported_media_type,
)
from services.gateway.schemas import (
    MAX_BODY_BYTES,
    ClassifyAnswer,
    ClassifyRequest,
    Model,
    Prediction,
    parse_classify_request,
)
from services.gateway.triton_client import Scores, TritonClient, TritonError

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

    async def answer(self, request: Request, record: Record) -> ClassifyAnswer:
        """The predictions for a request; fills in its audit record on the way."""
        deadline = self.clock.monotonic() + self.timeout_s
        with self.metrics.stage("auth"):
            principal = self._authenticate(request, record)
            principal.require(SCOPE)
        texts = (await self._parse(request, deadline)).all_texts()
        deidentified = await self._deidentify(texts, deadline)
        for each in deidentified:
            record.entities += each.counts()
        self.metrics.entities(record.entities)
        record.model_name = self.model_name
        scores = await self._ask([each.text for each in deidentified], deadline)
        record.model_version = scores.model_version
        return ClassifyAnswer(
            predictions=[_prediction(negative, positive) for negative, positive in scores.probabilities],
            model=Model(name=self.model_name, version=scores.model_version),
            request_id=record.request_id,
            deidentified=[dict(each.counts()) for each in deidentified],
        )

    def _authenticate(self, request: Request, record: Record) -> Principal:
        headers = request.headers.getlist("authorization")
        if len(headers) > 1:  # another reader might have chosen the other one
            raise missing_token()
        principal = self.verifier.verify(headers[0] if headers else None)
        record.subject = principal.subject
        return principal

    async def _parse(self, request: Request, deadline: float) -> ClassifyRequest:
        _check_media_type(request)
        with _deadline_problem():
            async with asyncio.timeout(deadline - self.clock.monotonic()):
                body = await read_body(request, limit_bytes=MAX_BODY_BYTES)
        return parse_classify_request(body)

    async def _deidentify(self, texts: list[str], deadline: float) -> list[Deidentified]:
        with self.metrics.stage("deidentify"):
            try:
                found = await self.deidentifier.deidentify(texts, deadline=deadline)
            except LanguageRefused:
                raise language_refused() from None
            except DeidentificationError:
                raise deidentification_failed() from None
        if len(found) != len(texts):
            raise deidentification_failed()
        return found

    async def _ask(self, texts: list[str], deadline: float) -> Scores:
        with self.metrics.stage("triton"):
            try:
                scores = await self.triton.classify(texts, deadline=deadline)
            except TritonError:
                raise model_unavailable() from None
        if len(scores.probabilities) != len(texts):
            raise model_unavailable()
        return scores


@contextmanager
def _deadline_problem() -> Iterator[None]:
    try:
        yield
    except TimeoutError:
        raise body_timeout() from None
    except ClientDisconnect:
        raise incomplete_body() from None


def _check_media_type(request: Request) -> None:
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    encoded = request.headers.get("content-encoding", "identity").lower() != "identity"
    if media_type.strip() != "application/json" or charset not in ("", "utf-8") or encoded:
        raise unsupported_media_type()


async def read_body(request: Request, *, limit_bytes: int) -> bytes:
    """The body, read no further than the limit, whatever Content-Length says or doesn't."""
    declared = request.headers.get("content-length", "0")
    if not (declared.isascii() and declared.isdigit()):
        raise malformed_json()
    if len(declared) > 12 or int(declared) > limit_bytes:
        raise body_too_large(limit_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit_bytes:
            raise body_too_large(limit_bytes)
    return bytes(body)


def _prediction(negative: float, positive: float) -> Prediction:
    if positive >= negative:
        return Prediction(label="POSITIVE", score=round(positive, 6))
    return Prediction(label="NEGATIVE", score=round(negative, 6))
