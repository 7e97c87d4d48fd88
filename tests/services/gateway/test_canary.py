"""Identifiers planted in every part of a request, on every path through the gateway, turn up in no sink."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.gateway.deidentify import Engine
from services.gateway.deidentify.pool import DeidentifierPool
from services.gateway.deidentify.presidio import PresidioEngine
from services.gateway.triton_client import TritonError
from tests.services.gateway.harness import Harness, bearer, token

CANARIES = ("Quillfeather", "555-867-5309", "078-05-1120", "canary@example.org", "MRN 00482913")
TEXT = (
    "Dr. Quillfeather saw her on 03/14/2023, MRN 00482913, SSN 078-05-1120; "
    "call 555-867-5309 or write to canary@example.org."
)
HEADERS = {"User-Agent": TEXT, "X-Patient": TEXT, "X-Request-Id": TEXT, "Referer": TEXT, "Cookie": f"a={TEXT}"}
PATH = "/v1/classify?name=Quillfeather&phone=555-867-5309"


class BrokenEngine:
    """Fails on the text, and says so."""

    def deidentify(self, text: str) -> Any:
        if "Warm" in text:
            return None
        raise ValueError(text)


@pytest.fixture
def sinks(capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What tests add, and at the end what was printed and logged at any level: no canary may be in it."""
    caplog.set_level(logging.DEBUG)
    collected: list[str] = []
    yield collected
    printed = capsys.readouterr()
    everything = "\n".join([*collected, printed.out, printed.err, caplog.text, *map(repr, caplog.records)])
    for canary in CANARIES:
        assert canary not in everything


def drive(harness: Harness, sinks: list[str], **request: Any) -> Any:
    """The answer; the answer, the audit trail, the metrics and what Triton saw go to the sinks."""
    with TestClient(harness.app(), raise_server_exceptions=False) as client:
        while not harness.deidentifier.ready:
            client.get("/livez")
        request.setdefault("headers", {**HEADERS, **bearer()})
        answer = client.request(request.pop("method", "POST"), request.pop("path", PATH), **request)
        sinks += [answer.text, str(answer.headers), client.get("/metrics").text]
    sinks += [harness.audit_stream.getvalue(), *harness.triton.asked]
    return answer


def pool(harness: Harness, engine: Engine) -> DeidentifierPool:
    return DeidentifierPool(lambda: engine, threads=1, clock=harness.clock)


def test_an_answered_text(sinks: list[str], engine: PresidioEngine) -> None:
    """The text is answered, and Triton saw types instead of identifiers."""
    harness = Harness()
    harness.deidentifier = pool(harness, engine)
    assert drive(harness, sinks, json={"texts": [TEXT, TEXT.upper()]}).status_code == 200
    assert "<PERSON>" in harness.triton.asked[0]


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (400, {"content": f'{{"text": "{TEXT}'.encode(), "headers": {**bearer(), "Content-Type": "application/json"}}),
        (401, {"json": {"text": TEXT}, "headers": HEADERS}),
        (401, {"json": {"text": TEXT}, "headers": {**HEADERS, "Authorization": f"Bearer {TEXT}"}}),
        (401, {"json": {"text": TEXT}, "headers": {**HEADERS, **bearer(sub=None, name=TEXT)}}),
        (401, {"json": {"text": TEXT}, "headers": {"Authorization": f"Bearer {token(kid=TEXT)}"}}),
        (403, {"json": {"text": TEXT}, "headers": {**HEADERS, **bearer(scope=TEXT)}}),
        (404, {"json": {"text": TEXT}, "path": "/patients/Quillfeather/555-867-5309"}),
        (405, {"method": "PUT", "json": {"text": TEXT}}),
        (413, {"content": (TEXT * 4000).encode(), "headers": {**bearer(), "Content-Type": "application/json"}}),
        (415, {"content": TEXT.encode(), "headers": {**bearer(), "Content-Type": f"text/{CANARIES[0]}"}}),
        (422, {"json": {"text": TEXT, TEXT: TEXT}}),
        (422, {"json": {"texts": {TEXT: TEXT}}}),
        (422, {"json": {"text": TEXT * 200}}),
        (422, {"json": {"text": f"Der Patient {CANARIES[0]} ist nicht zufrieden und hat {CANARIES[1]} angerufen."}}),
    ],
)
def test_refused_requests(sinks: list[str], engine: PresidioEngine, status: int, request_: dict[str, Any]) -> None:
    """No refusal repeats what it refuses, and nothing is forwarded."""
    harness = Harness()
    harness.deidentifier = pool(harness, engine)
    assert drive(harness, sinks, **request_).status_code == status
    assert harness.triton.asked == []


def test_a_failing_engine(sinks: list[str]) -> None:
    """An engine whose exception quotes the text gives a 503 without it."""
    harness = Harness()
    harness.deidentifier = pool(harness, BrokenEngine())
    assert drive(harness, sinks, json={"text": TEXT}).status_code == 503


@pytest.mark.parametrize(("status", "failure"), [(503, TritonError(TEXT)), (500, RuntimeError(TEXT))])
def test_a_failing_triton(sinks: list[str], engine: PresidioEngine, status: int, failure: Exception) -> None:
    """Exceptions that quote text end in the log by type only."""
    harness = Harness()
    harness.deidentifier = pool(harness, engine)
    harness.triton.failure = failure
    assert drive(harness, sinks, json={"text": TEXT}).status_code == status


def test_a_failing_audit_trail(sinks: list[str], engine: PresidioEngine) -> None:
    """Neither does a record that can't be written."""
    harness = Harness()
    harness.deidentifier = pool(harness, engine)
    stream = harness.audit_stream
    harness.audit_stream = type("Full", (), {"write": stream.write, "flush": _full, "getvalue": stream.getvalue})()
    assert drive(harness, sinks, json={"text": TEXT}).status_code == 503


def _full(*_: Any) -> None:
    raise OSError(f"no space left for {TEXT}")
