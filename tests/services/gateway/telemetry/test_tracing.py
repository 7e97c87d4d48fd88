"""Which requests are traced, and what their spans say."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.services.gateway.harness import Harness, TritonError, bearer
from tests.services.gateway.telemetry.spans import Collected

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED, UNSAMPLED = f"00-{TRACE}-{PARENT}-01", f"00-{TRACE}-{PARENT}-00"


@pytest.fixture
def collected(harness: Harness) -> Collected:
    found = Collected()
    harness.tracer = found.tracer
    return found


def ask(harness: Harness, *, authorised: bool = True, **headers: str) -> Any:
    """The answer to a request with these headers besides the token."""
    with TestClient(harness.app(), raise_server_exceptions=False) as client:
        given = {**(bearer() if authorised else {}), **headers}
        return client.post("/v1/classify", json={"text": "Mary was kind."}, headers=given)


def attributes(span: dict[str, Any]) -> dict[str, Any]:
    return {each["key"]: next(iter(each["value"].values())) for each in span["attributes"]}


def test_a_sampled_request_has_a_span_for_each_stage(harness: Harness, collected: Collected) -> None:
    """They follow one another within the request's, whose parent is the caller's span."""
    answer = ask(harness, traceparent=SAMPLED)
    *stages, request = collected.spans()
    assert [each["name"] for each in stages] == ["auth", "body", "limits", "deidentify", "triton", "audit"]
    assert {each["parentSpanId"] for each in stages} == {request["spanId"]}
    assert (request["name"], request["parentSpanId"]) == ("POST /v1/classify", PARENT)
    assert {each["traceId"] for each in [*stages, request]} == {TRACE}
    times = [int(each[name]) for each in stages for name in ("startTimeUnixNano", "endTimeUnixNano")]
    assert times == sorted(times)
    assert int(request["startTimeUnixNano"]) <= times[0]
    assert attributes(request) == {
        "http.request.method": "POST",
        "http.route": "/v1/classify",
        "http.response.status_code": "200",
        "inference.outcome": "answered",
        "inference.request_id": answer.headers["x-request-id"],
    }


def test_a_failed_stage_is_marked(harness: Harness, collected: Collected) -> None:
    """With the outcome by its name, and nothing of the exception."""
    harness.triton.failure = TritonError("Mary")
    ask(harness, traceparent=SAMPLED)
    spans = {each["name"]: each for each in collected.spans()}
    assert spans["triton"]["status"]["code"] == spans["POST /v1/classify"]["status"]["code"] == 2
    assert spans["audit"]["status"] == {}
    assert attributes(spans["POST /v1/classify"])["inference.outcome"] == "model_unavailable"
    assert not any(each.get("events") for each in spans.values())


@pytest.mark.parametrize(
    ("ratio", "header", "traced"),
    [(0.0, None, False), (1.0, None, True), (1.0, UNSAMPLED, False), (0.0, SAMPLED, True), (0.0, f"{SAMPLED}x", False)],
)
def test_the_callers_decision_counts_before_the_ratio(
    harness: Harness, collected: Collected, ratio: float, header: str | None, traced: bool
) -> None:
    """Without a caller's decision, in the form that W3C gave it, the share is sampled."""
    harness.trace_ratio = ratio
    if header:
        ask(harness, traceparent=header)
    else:
        ask(harness)
    assert bool(collected.spans()) == traced


def test_triton_is_told_of_the_trace(harness: Harness, collected: Collected) -> None:
    """It is to belong to the request's span where there is one, and to the caller's, not sampled, where there is none."""
    ask(harness, traceparent=SAMPLED, tracestate="patient=Quillfeather")
    [*_, request] = collected.spans()
    assert harness.triton.traceparent == f"00-{TRACE}-{request['spanId']}-01"
    ask(harness, traceparent=UNSAMPLED)
    assert harness.triton.traceparent == UNSAMPLED
    ask(harness)
    assert harness.triton.traceparent is None


def test_who_is_unknown_does_not_decide(harness: Harness, collected: Collected) -> None:
    """Else anybody could make the gateway write."""
    assert ask(harness, authorised=False, traceparent=SAMPLED).status_code == 401
    assert collected.spans() == []


def test_only_ids_are_taken_from_the_caller(harness: Harness, collected: Collected) -> None:
    """`tracestate` and `baggage` may hold anything: they end here."""
    ask(harness, traceparent=SAMPLED, tracestate="patient=Quillfeather", baggage="patient=Quillfeather")
    assert collected.spans()
    assert "Quillfeather" not in collected.stream.getvalue()


def test_unmatched_paths_are_not_named(harness: Harness, collected: Collected) -> None:
    """A path or method that a client made up is no label."""
    harness.trace_ratio = 1.0
    with TestClient(harness.app()) as client:
        client.request("QUILL", "/patients/Quillfeather")
    [*_, span] = collected.spans()
    assert span["name"] == "OTHER unmatched"
    assert "uillfeather" not in collected.stream.getvalue()
