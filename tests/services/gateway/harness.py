"""The gateway on fakes: each test changes the one that it is about."""

import io
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI

from services.gateway.app import Dependencies, create_app
from services.gateway.audit import StreamAuditSink
from services.gateway.auth import JwtVerifier
from services.gateway.deidentify import DeidentificationError, Deidentified, LanguageRefused, Span
from services.gateway.rotation import Rotation
from services.gateway.triton_client import Scores, TritonError
from tests.services.gateway.fake_triton import IDENTITY

ISSUER = "https://issuer.test.invalid"
AUDIENCE = "inference-gateway"
KEY = ec.generate_private_key(ec.SECP256R1())


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

    async def load(self) -> None:
        if isinstance(self.failure, DeidentificationError):
            raise self.failure

    async def deidentify(self, texts: Sequence[str], *, deadline: float) -> list[Deidentified]:
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
        self.answers: tuple[tuple[float, float], ...] | None = None

    async def ready(self) -> bool:
        return self.is_ready

    async def classify(self, texts: Sequence[str], *, deadline: float) -> Scores:
        self.asked += texts
        self.deadline = deadline
        if self.failure:
            raise self.failure
        return Scores(self.answers or ((0.25, 0.75),) * len(texts), "abc123abc123")

    async def close(self) -> None:
        pass


@dataclass
class Harness:
    """Fakes, and the application on them."""

    clock: Any = field(default_factory=StandingClock)
    deidentifier: Any = field(default_factory=FakeDeidentifier)
    triton: Any = field(default_factory=FakeTriton)
    audit_stream: Any = field(default_factory=io.StringIO)
    rotation: Rotation = field(default_factory=lambda: Rotation(lambda: IDENTITY))
    timeout_s: float = 10.0
    docs: bool = False

    def app(self) -> FastAPI:
        keys = {"key-1": KEY.public_key()}
        dependencies = Dependencies(
            verifier=JwtVerifier(keys=keys, issuer=ISSUER, audience=AUDIENCE, leeway_s=30),
            deidentifier=self.deidentifier,
            make_triton=lambda: self.triton,
            audit=StreamAuditSink(self.audit_stream, clock=self.clock, deid_policy="policy-9"),
            clock=self.clock,
            rotation=self.rotation,
        )
        return create_app(dependencies, model_name="sentiment", timeout_s=self.timeout_s, docs=self.docs)

    def audit_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.audit_stream.getvalue().splitlines()]


def claims(**changes: Any) -> dict[str, Any]:
    """Good claims with `changes`; a change to None drops the claim."""
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": "caller-7", "exp": int(time.time()) + 600, "scope": "classify other"}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def token(*, key: Any = KEY, algorithm: str = "ES256", kid: str | None = "key-1", **changes: Any) -> str:
    """A signed token with good claims, or with `changes` to them."""
    headers = {"kid": kid} if kid else {}
    return jwt.encode(claims(**changes), key, algorithm=algorithm, headers=headers)


def bearer(**changes: Any) -> dict[str, str]:
    """The header with a good token, or with changes to it."""
    return {"Authorization": f"Bearer {token(**changes)}"}


__all__ = ["DeidentificationError", "Harness", "LanguageRefused", "TritonError", "bearer", "claims", "token"]
