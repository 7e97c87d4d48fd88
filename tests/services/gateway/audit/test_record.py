"""One record for each request."""

from collections import Counter
from dataclasses import fields
from typing import Any

from starlette.testclient import TestClient

from services.gateway.audit import Record
from services.gateway.audit.chain import before_first, parse, seal
from tests.services.gateway.harness import Harness, StandingClock, bearer


def test_the_record_of_an_answer(harness: Harness, client: TestClient) -> None:
    """An answer's line has who, what, when, with which model and policy, and how much was taken out."""
    answer = client.post("/v1/classify", json={"texts": ["Mary.", "Mary too."]}, headers=bearer())
    assert harness.audit_lines() == [
        {
            "kind": "request",
            "time": "2026-01-02T03:04:05.000+00:00",
            "request_id": answer.json()["request_id"],
            "subject": "caller-7",
            "method": "token",
            "route": "/v1/classify",
            "outcome": "answered",
            "status": 200,
            "model": {"name": "sentiment", "version": "abc123abc123"},
            "deid_policy": "policy-9",
            "entities": {"PERSON": 2},
            "duration_ms": 0.0,
        }
    ]


def test_every_refusal_is_on_record(harness: Harness, client: TestClient) -> None:
    """Refusals have a line each, with the reason; an unknown path is not repeated."""
    client.post("/v1/classify", json={"text": "a"})
    client.post("/v1/classify", json={"text": ""}, headers=bearer())
    client.get("/patients/Mary-Jones?name=Mary")
    client.get("/v1/classify")
    lines = [(line["route"], line["outcome"], line["status"]) for line in harness.audit_lines()]
    assert lines == [
        ("/v1/classify", "missing_token", 401),
        ("/v1/classify", "invalid_field", 422),
        ("unmatched", "not_found", 404),
        ("/v1/classify", "method_not_allowed", 405),
    ]


def test_probes_are_not_on_record(harness: Harness, client: TestClient) -> None:
    """What machines ask every few seconds isn't audited."""
    for path in ("/livez", "/readyz", "/metrics"):
        client.get(path)
    assert harness.audit_lines() == []


def test_one_record_is_one_line() -> None:
    """A subject with a line break can't forge a second record."""
    forger = Record("id", "/v1/classify", 1000.0, subject='a\n{"request_id": "forged"}')
    line, _ = seal(fields_of(forger), before_first("20260102T000000000000Z-gateway-0"))
    assert line.count(b"\n") == 1
    assert parse(line).fields["subject"] == forger.subject


def test_duration_comes_from_the_clock() -> None:
    """Durations are milliseconds on the monotonic clock."""
    assert fields_of(Record("id", "/v1/classify", 999.75))["duration_ms"] == 250.0


def fields_of(record: Record) -> dict[str, Any]:
    clock = StandingClock()
    return record.fields(status=200, now=clock.now(), monotonic=clock.monotonic(), deid_policy="1")


def test_a_record_has_no_room_for_text() -> None:
    """A new field of the record must be thought about here."""
    names = {field.name for field in fields(Record)}
    assert names == {
        "request_id",
        "route",
        "started",
        "subject",
        "method",
        "outcome",
        "model_name",
        "model_version",
        "entities",
    }
    assert Record("id", "/", 0.0).entities == Counter()
