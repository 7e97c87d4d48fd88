"""The gateway on fakes: each test changes the one that it is about."""

import io
import json
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.api_jws import PyJWS
from opentelemetry.trace import NoOpTracer, Tracer

from services.gateway.app import Dependencies, Options, create_app
from services.gateway.auth import Authenticator
from services.gateway.auth.tokens import TokenRules
from services.gateway.deidentify import DeidentificationError, Deidentified, LanguageRefused, Scope, Span
from services.gateway.limits.admission import Limits
from services.gateway.limits.breaker import Breaker
from services.gateway.limits.guarded import GuardedTriton
from services.gateway.limits.quota import Quota
from services.gateway.limits.replicas import Replicas
from services.gateway.limits.shedding import Shedding
from services.gateway.rotation import Rotation
from services.gateway.triton_client import Scores, TritonError
from tests.services.gateway.fake_triton import IDENTITY
from tests.services.gateway.stream_audit import StreamAuditSink

ISSUER = "https://issuer.test.invalid"
AUDIENCE = "inference-gateway"
RULES = TokenRules(issuer=ISSUER, audience=AUDIENCE)
KEY = ec.generate_private_key(ec.SECP256R1())


def key_set(**keys: Any) -> bytes:
    """A JSON Web Key Set of the public halves of EC keys, by `kid` with "_" for "-"."""
    return json.dumps({"keys": [jwk(key.public_key(), kid.replace("_", "-")) for kid, key in keys.items()]}).encode()


def jwk(key: Any, kid: str = "a", **changes: Any) -> dict[str, Any]:
    """A key as a JSON Web Key, with changes."""
    algorithm = ECAlgorithm if isinstance(key, ec.EllipticCurvePublicKey | ec.EllipticCurvePrivateKey) else RSAAlgorithm
    return {**algorithm.to_jwk(key, as_dict=True), "kid": kid, **changes}


KEY_SET = key_set(key_1=KEY)


class StandingClock:
    """Time that only moves when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class FakeDeidentifier:
    """Takes "Mary" out; `failure` is raised instead when set."""

    def __init__(self) -> None:
        self.ready = True
        self.failure: Exception | None = None
        self.closed = False
        self.scopes: list[Scope] = []

    async def load(self) -> None:
        if isinstance(self.failure, DeidentificationError):
            raise self.failure

    async def deidentify(
        self, texts: Sequence[str], *, deadline: float, scope: Scope | None = None
    ) -> list[Deidentified]:
        self.scopes += [scope] if scope else []
        if self.failure:
            raise self.failure
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Deidentified:
        start = text.find("Mary")
        spans = (Span(start, start + 4, "PERSON"),) if start >= 0 else ()
        return Deidentified(text.replace("Mary", "<PERSON>"), spans)

    def close(self) -> None:
        self.closed = True


class FakeTriton:
    """Answers POSITIVE for all; keeps what it was asked; `failure` is raised instead when set."""

    def __init__(self) -> None:
        self.is_ready = True
        self.failure: Exception | None = None
        self.asked: list[str] = []
        self.deadline = 0.0
        self.traceparent: str | None = None
        self.answers: tuple[tuple[float, float], ...] | None = None

    async def ready(self) -> bool:
        return self.is_ready

    async def classify(self, texts: Sequence[str], *, deadline: float, traceparent: str | None = None) -> Scores:
        self.asked += texts
        self.deadline, self.traceparent = deadline, traceparent
        if self.failure:
            raise self.failure
        probabilities = self.answers or ((0.25, 0.75),) * len(texts)
        return Scores(tuple((math.log(a), math.log(b)) for a, b in probabilities), "abc123abc123")

    async def close(self) -> None:
        pass


@dataclass
class Harness:
    """Fakes, and the application on them."""

    clock: Any = field(default_factory=StandingClock)
    deidentifier: Any = field(default_factory=FakeDeidentifier)
    triton: Any = field(default_factory=FakeTriton)
    audit_stream: Any = field(default_factory=io.StringIO)
    audit: Any = None
    rotation: Rotation = field(default_factory=lambda: Rotation(lambda: IDENTITY))
    authenticator: Authenticator = field(default_factory=lambda: Authenticator(RULES, read_keys=lambda: KEY_SET))
    quota: Quota = field(default_factory=lambda: Quota(600_000, 6_000_000, 256))
    tracer: Tracer = field(default_factory=NoOpTracer)
    trace_ratio: float = 0.0
    timeout_s: float = 10.0
    max_tokens: int = 131_072
    docs: bool = False

    def app(self) -> FastAPI:
        dependencies = Dependencies(
            authenticator=self.authenticator,
            limits=Limits(self.quota, replicas=Replicas(None, most=1, clock=self.clock), clock=self.clock),
            deidentifier=self.deidentifier,
            make_triton=lambda: GuardedTriton(
                self.triton,
                breaker=Breaker(clock=self.clock),
                shedding=Shedding(clock=self.clock),
                clock=self.clock,
            ),
            audit=self.audit or StreamAuditSink(self.audit_stream, clock=self.clock, deid_policy="policy-9"),
            clock=self.clock,
            rotation=self.rotation,
            tracer=self.tracer,
        )
        options = Options(
            "sentiment",
            "policy-9",
            timeout_s=self.timeout_s,
            max_tokens=self.max_tokens,
            trace_ratio=self.trace_ratio,
            docs=self.docs,
        )
        return create_app(dependencies, options)

    def audit_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.audit_stream.getvalue().splitlines()]


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims with `changes`; a change to None drops the claim."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "caller-7", "iat": now, "exp": now + 3000, "scope": "classify other"}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token(
    *, key: Any = KEY, algorithm: str = "ES256", kid: str | None = "key-1", header: Any = None, **changes: Any
) -> str:
    """A signed token with good claims, or with `changes` to them, and more in its `header`."""
    headers = {"typ": "at+jwt", **({"kid": kid} if kid else {}), **(header or {})}
    return PyJWS().encode(json.dumps(claims(**changes)).encode(), key, algorithm=algorithm, headers=headers)


def bearer(**changes: Any) -> dict[str, str]:
    """The header with a good token, or with changes to it."""
    return {"Authorization": f"Bearer {token(**changes)}"}


__all__ = ["DeidentificationError", "Harness", "LanguageRefused", "TritonError", "bearer", "claims", "token"]
