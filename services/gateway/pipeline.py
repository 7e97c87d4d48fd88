"""What becomes of every request, whatever its route: who asks, may it, what is in it, what identifies somebody in that."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from services.gateway import problems
from services.gateway.audit import AuditSink, Record
from services.gateway.auth import Authenticator, Scope
from services.gateway.clock import Clock
from services.gateway.deidentify import DeidentificationError, Deidentified, Deidentifier, LanguageRefused
from services.gateway.deidentify import Scope as Within
from services.gateway.limits import tokens
from services.gateway.limits.admission import Admission, Limits
from services.gateway.limits.guarded import GuardedTriton
from services.gateway.limits.problems import problem_of
from services.gateway.metrics import Metrics
from services.gateway.telemetry import TRACEPARENT, Stages
from services.gateway.triton_client import Scores, TritonError
from services.http import body
from services.http.problems import ProblemError
from services.http.routing import json_answer
from services.http.schemas import ClassifyRequest


@dataclass(frozen=True)
class Pipeline:
    """The collaborators of every route; make it in the event loop, which Triton's client is bound to."""

    authenticator: Authenticator
    limits: Limits
    deidentifier: Deidentifier
    triton: GuardedTriton
    audit: AuditSink
    metrics: Metrics
    clock: Clock
    model_name: str
    policy_version: str
    timeout_s: float
    max_tokens: int

    async def ready(self) -> bool:
        """Whether a request would be answered."""
        return self.audit.ready and self.deidentifier.ready and await self.triton.ready()

    @asynccontextmanager
    async def admitted(self, request: Request, scope: Scope) -> AsyncIterator["Call"]:
        """Authenticate, and let the caller in; nothing of the body is read before. ProblemError 401, 403 or 429."""
        state = request.scope["state"]
        record: Record = state["record"]
        stages: Stages = state["stages"]
        deadline = self.clock.monotonic() + self.timeout_s
        with stages.stage("auth"):
            principal = self.authenticator.authenticate(request)
            record.subject, record.method = principal.subject, principal.method
            principal.require(scope)
        async with self.limits.admit(principal) as admission:
            yield Call(self, request, record, stages, admission, deadline)


@dataclass(frozen=True)
class Call:
    """One request that was let in. Each step refuses by raising a ProblemError."""

    pipeline: Pipeline
    request: Request
    record: Record
    stages: Stages
    admission: Admission
    deadline: float

    async def texts(self) -> list[str]:
        """The texts of a JSON body."""
        return (await self.request_of(ClassifyRequest)).inputs

    async def request_of(self, kind: type[body.Body]) -> body.Body:
        """A JSON body."""
        with self.stages.stage("body"):
            return await body.request_of(kind, self.request, timeout_s=self._left_s())

    async def raw_body(self) -> bytes:
        """The body as it is."""
        with self.stages.stage("body"):
            return await body.read(self.request, timeout_s=self._left_s())

    def charge(self, texts: Sequence[str]) -> None:
        """Count the texts against the caller's limits, before any work is done on them."""
        with self.stages.stage("limits"):
            self.admission.charge(len(texts))
            tokens.check(texts, most=self.pipeline.max_tokens)

    async def deidentified(self, texts: Sequence[str], within: Within | None = None) -> list[Deidentified]:
        """Each text without its identifiers; counted in the record. `within` is the request where it is not given."""
        with self.stages.stage("deidentify"):
            found = await self._deidentify(texts, within)
        for each in found:
            self.record.entities += each.counts()
        self.pipeline.metrics.entities(self.record.entities)
        return found

    async def _deidentify(self, texts: Sequence[str], within: Within | None) -> list[Deidentified]:
        try:
            found = await self.pipeline.deidentifier.deidentify(texts, deadline=self.deadline, scope=within)
        except LanguageRefused:
            raise ProblemError(problems.LANGUAGE_REFUSED) from None
        except DeidentificationError:
            raise ProblemError(problems.DEIDENTIFICATION_FAILED) from None
        if len(found) != len(texts):
            raise ProblemError(problems.DEIDENTIFICATION_FAILED)
        return found

    def check_triton(self, texts: Sequence[str]) -> None:
        """Refuse now what Triton would not be asked about anyway."""
        try:
            self.pipeline.triton.check(len(texts), deadline=self.deadline)
        except TritonError as error:
            raise ProblemError(problem_of(error)) from None

    async def scores(self, found: Sequence[Deidentified]) -> Scores:
        """What the model says of de-identified texts, and of nothing else: that is all this accepts."""
        self.record.model_name = self.pipeline.model_name
        with self.stages.stage("triton"):
            try:
                scores = await self.pipeline.triton.classify(
                    [each.text for each in found],
                    deadline=self.deadline,
                    traceparent=self.request.scope["state"].get(TRACEPARENT),
                )
            except TritonError as error:
                raise ProblemError(problem_of(error)) from None
        if len(scores.probabilities) != len(found):
            raise ProblemError(problems.MODEL_UNAVAILABLE)
        self.record.model_version = scores.model_version
        return scores

    def answer(self, answer: BaseModel) -> Response:
        """200, and what is left of the caller's limits."""
        return json_answer(answer, headers=self.admission.headers)

    def _left_s(self) -> float:
        return self.deadline - self.pipeline.clock.monotonic()
