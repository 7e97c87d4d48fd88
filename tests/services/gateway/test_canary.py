"""Identifiers planted in every part of a request, on every path through the gateway, turn up in no sink."""

import json
import logging
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.audit import AuditError
from services.gateway.audit.log import AuditLog, Origin
from services.gateway.audit.writer import Volume
from services.gateway.auth import Authenticator
from services.gateway.auth.certificates import Peer
from services.gateway.auth.protocol import PEER
from services.gateway.clock import SystemClock
from services.gateway.deidentify import Engine
from services.gateway.deidentify.engine import TextEngine
from services.gateway.deidentify.pool import DeidentifierPool
from services.gateway.limits.quota import Quota
from services.gateway.logs import JsonFormatter
from services.gateway.triton_client import TritonError
from tests.services.gateway.harness import KEY_SET, RULES, Harness, bearer, token
from tests.services.gateway.telemetry.spans import Collected

CANARIES = ("Quillfeather", "555-867-5309", "078-05-1120", "canary@example.org", "00482913")
TEXT = (
    "Dr. Quillfeather saw her on 03/14/2023, MRN 00482913, SSN 078-05-1120; "
    "call 555-867-5309 or write to canary@example.org."
)
HEADERS = {
    **{
        name: TEXT for name in ("User-Agent", "X-Patient", "X-Request-Id", "Referer", "baggage", "tracestate", "Accept")
    },
    **{"Cookie": f"a={TEXT}", "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
    **{"X-Forwarded-For": TEXT, "Forwarded": f"for={TEXT}", "Origin": "https://Quillfeather.example"},
}
MAY = bearer(scope="classify deidentify")
QUERY = "?name=Quillfeather&phone=555-867-5309"
CLASSIFY, DEIDENTIFY, INFER = f"/v1/classify{QUERY}", f"/v1/deidentify{QUERY}", f"/v2/models/sentiment/infer{QUERY}"
JSON = {"Content-Type": "application/json"}


def tensor(*texts: str, **changes: Any) -> dict[str, Any]:
    """The input of an inference request, with changes."""
    return {"name": "TEXT", "datatype": "BYTES", "shape": [len(texts)], "data": list(texts), **changes}


def binary(text: str, *, cut: int = 0) -> dict[str, Any]:
    """A request with the text behind its JSON, without its last bytes."""
    raw = struct.pack("<I", len(text)) + text.encode()
    given = {"name": "TEXT", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": len(raw)}}
    head = json.dumps({"id": TEXT, "inputs": [given]}).encode()
    return {
        "path": INFER,
        "content": head + raw[: len(raw) - cut],
        "headers": {**HEADERS, **MAY, "Inference-Header-Content-Length": str(len(head))},
    }


class BrokenEngine:
    """Fails on the text, and says so."""

    def deidentify(self, text: str, scope: object = None) -> Any:
        if "Warm" in text:
            return None
        raise ValueError(text)


class WithCertificate:
    """An application whose callers showed a certificate with these names."""

    def __init__(self, app: ASGIApp, *names: str, ends: float = 1e12) -> None:
        self._app, self._peer = app, Peer(frozenset(names), ends)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "state": {**scope.get("state", {}), PEER: self._peer}}, receive, send)


@dataclass
class Canary:
    """A gateway on the real de-identifier and audit trail, and everything that it wrote. It can be driven once."""

    folder: Path
    engine: Engine
    harness: Harness = field(default_factory=Harness)
    sinks: list[str] = field(default_factory=list)
    spans: Collected = field(default_factory=Collected)

    def __post_init__(self) -> None:
        self.harness.tracer, self.harness.trace_ratio = self.spans.tracer, 1.0

    def drive(self, *, names: tuple[str, ...] = (), **request: Any) -> Any:
        """The answer to a request, whose caller showed a certificate with such names."""
        if self.harness.audit is None or not self.harness.audit.ready:
            origin = Origin("gateway-0", "image", deid_policy="policy-9")
            self.harness.audit = AuditLog(Volume(self.folder, 1_048_576), origin, clock=SystemClock())
        self.harness.deidentifier = DeidentifierPool(lambda: self.engine, threads=1, clock=self.harness.clock)
        app: Any = self.harness.app()
        with TestClient(WithCertificate(app, *names) if names else app, raise_server_exceptions=False) as client:
            ends = time.monotonic() + 60
            while not self.harness.deidentifier.ready:
                assert time.monotonic() < ends, "the engine could not be loaded"
                client.get("/livez")
            request.setdefault("headers", {**HEADERS, **MAY})
            answer = client.request(request.pop("method", "POST"), request.pop("path", CLASSIFY), **request)
            self.sinks += [answer.text, str(answer.headers), client.get("/metrics").text]
        return answer

    def everything(self) -> str:
        """All sinks but the logs: the trail's files, spans, answers, metrics, and what Triton was asked."""
        files = [path.read_text() for path in self.folder.rglob("*") if path.is_file()]
        return "\n".join([*self.sinks, *files, self.spans.stream.getvalue(), *self.harness.triton.asked])


class Logged(logging.Handler):
    """Every record of the gateway, as its own log has it and as one without any care would; not the test client's."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith("httpx"):
            careless = logging.Formatter().format(record) if record.name.startswith("services.") else ""
            self.lines += [JsonFormatter().format(record), careless]


@pytest.fixture
def logged() -> Iterator[list[str]]:
    handler, root = Logged(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def canary(
    tmp_path: Path, engine: TextEngine, capsys: pytest.CaptureFixture[str], logged: list[str]
) -> Iterator[Canary]:
    """After the test no canary may be in anything that was written, printed, or logged at any level."""
    found = Canary(tmp_path, engine)
    yield found
    printed = capsys.readouterr()
    everything = "\n".join([found.everything(), printed.out, printed.err, *logged])
    for each in CANARIES:
        assert each not in everything
    for sink in (logged, found.spans.spans(), found.sinks):
        assert sink, "a sink that holds nothing would prove nothing"


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"texts": [TEXT, TEXT.upper()]}},
        {"json": {"texts": [TEXT, TEXT.upper()]}, "path": DEIDENTIFY},
        {"json": {"id": TEXT, "inputs": [tensor(TEXT)]}, "path": INFER},
        binary(TEXT),
    ],
)
def test_an_answered_text(canary: Canary, request_: dict[str, Any]) -> None:
    """The text is answered, and Triton saw types instead of identifiers."""
    assert canary.drive(**request_).status_code == 200
    assert "<PERSON>" in canary.everything()


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (400, {"content": f'{{"text": "{TEXT}'.encode(), "headers": {**HEADERS, **MAY, **JSON}}),
        (400, {"content": f'{{"text": "{TEXT}'.encode(), "headers": {**HEADERS, **MAY, **JSON}, "path": DEIDENTIFY}),
        (400, {"content": f'{{"id": "{TEXT}'.encode(), "path": INFER}),
        (400, binary(TEXT, cut=3)),
        (401, {"json": {"text": TEXT}, "headers": HEADERS}),
        (401, {"json": {"text": TEXT}, "headers": {**HEADERS, "Authorization": f"Bearer {TEXT}"}}),
        (401, {"json": {"text": TEXT}, "headers": {**HEADERS, "Authorization": f"Basic {TEXT}"}}),
        (401, {"json": {"text": TEXT}, "headers": {**HEADERS, **bearer(sub=None, name=TEXT)}}),
        (401, {"json": {"text": TEXT}, "headers": {**HEADERS, **bearer(iss=TEXT)}}),
        (401, {"json": {"text": TEXT}, "headers": {**HEADERS, **bearer(aud=TEXT)}}),
        (401, {"json": {"text": TEXT}, "headers": {"Authorization": f"Bearer {token(kid=TEXT)}"}}),
        (401, {"json": {"text": TEXT}, "headers": {"Authorization": f"Bearer {token(header={'crit': [TEXT]})}"}}),
        (403, {"json": {"text": TEXT}, "headers": {**HEADERS, **bearer(scope=TEXT)}}),
        (404, {"json": {"text": TEXT}, "path": "/patients/Quillfeather/555-867-5309"}),
        (404, {"json": {"text": TEXT}, "path": "/v2/models/Quillfeather/infer"}),
        (404, {"json": {"text": TEXT}, "path": "/v2/models/sentiment/versions/Quillfeather"}),
        (405, {"method": "PUT", "json": {"text": TEXT}}),
        (405, {"method": "QUILLFEATHER", "json": {"text": TEXT}}),
        (413, {"content": (TEXT * 4000).encode(), "headers": {**HEADERS, **MAY, **JSON}}),
        (415, {"content": TEXT.encode(), "headers": {**MAY, "Content-Type": f"text/{CANARIES[0]}"}}),
        (415, {"json": {"text": TEXT}, "headers": {**MAY, "Content-Encoding": CANARIES[0]}, "path": INFER}),
        (422, {"json": {"text": TEXT, TEXT: TEXT}}),
        (422, {"json": {"texts": {TEXT: TEXT}}}),
        (422, {"json": {"text": TEXT * 200}, "path": DEIDENTIFY}),
        (422, {"json": {"text": f"Der Patient {CANARIES[0]} ist nicht zufrieden und hat {CANARIES[1]} angerufen."}}),
        (422, {"json": {"inputs": [tensor(TEXT, name=TEXT)]}, "path": INFER}),
        (422, {"json": {"inputs": [tensor(TEXT)], "parameters": {TEXT: TEXT}}, "path": INFER}),
        (422, {"json": {"inputs": [tensor(TEXT, shape=[9])]}, "path": INFER}),
    ],
)
def test_refused_requests(canary: Canary, status: int, request_: dict[str, Any]) -> None:
    """No refusal repeats what it refuses, and nothing is forwarded."""
    assert canary.drive(**request_).status_code == status
    assert canary.harness.triton.asked == []


def test_a_certificate_of_nobody_known(canary: Canary) -> None:
    """Its names are not told."""
    canary.harness.authenticator = Authenticator(RULES, read_keys=lambda: KEY_SET, read_callers=lambda: b"callers: []")
    answer = canary.drive(
        names=(f"{CANARIES[0]}.example", f"spiffe://{CANARIES[1]}"), json={"text": TEXT}, headers=HEADERS
    )
    assert answer.status_code == 403


def test_a_caller_beyond_its_limits(canary: Canary) -> None:
    """Too many texts in a minute."""
    canary.harness.quota = Quota(6_000, 60, 8)
    assert canary.drive(json={"texts": [TEXT] * 32}).status_code == 429


def test_texts_beyond_what_one_request_may_hold(canary: Canary) -> None:
    """Counted in characters."""
    canary.harness.max_tokens = 10
    assert canary.drive(json={"text": TEXT}).status_code == 413


@pytest.mark.parametrize(
    "request_",
    [
        {"json": {"text": TEXT}},
        {"json": {"text": TEXT}, "path": DEIDENTIFY},
        {"json": {"inputs": [tensor(TEXT)]}, "path": INFER},
    ],
)
def test_a_failing_engine(canary: Canary, request_: dict[str, Any]) -> None:
    """An engine whose exception quotes the text gives a 503 without it."""
    canary.engine = BrokenEngine()
    assert canary.drive(**request_).status_code == 503


@pytest.mark.parametrize("route", [{"json": {"text": TEXT}}, {"json": {"inputs": [tensor(TEXT)]}, "path": INFER}])
@pytest.mark.parametrize(("status", "failure"), [(503, TritonError(TEXT)), (500, RuntimeError(TEXT))])
def test_a_failing_triton(canary: Canary, status: int, failure: Exception, route: dict[str, Any]) -> None:
    """Exceptions that quote text end in the log by type only."""
    canary.harness.triton.failure = failure
    assert canary.drive(**route).status_code == status


def test_a_failing_audit_trail(canary: Canary) -> None:
    """Neither does a record that can't be written."""
    canary.harness.audit = FullTrail()
    assert canary.drive(json={"text": TEXT}).status_code == 503


class FullTrail:
    """Fails with the request in its exception."""

    ready = True

    async def write(self, record: Any, *, status: int) -> None:
        raise AuditError(TEXT) from OSError(f"no space left for {TEXT}")

    def close(self) -> None:
        pass
