import io
import uuid
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.services.gateway.harness import DeidentificationError, Harness, LanguageRefused, TritonError, bearer

PROBLEM = "application/problem+json"


def post(client: TestClient, document: Any = None, **changes: Any) -> Any:
    """The answer to a good request, or to one with `changes`."""
    headers = {**bearer(), **changes.pop("headers", {})}
    given = {"text": "Good."} if document is None else document
    body = {"content": changes.pop("content")} if "content" in changes else {"json": given}
    return client.post("/v1/classify", headers=headers, **body, **changes)


def assert_problem(answer: Any, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}
    assert problem["status"] == status
    assert problem["request_id"] == answer.headers["x-request-id"]


def test_one_text_is_classified(client: TestClient) -> None:
    """A text gets its label and score, the model that answered, what was taken out and the request's id."""
    answer = post(client, {"text": "Mary was kind."})
    assert answer.status_code == 200
    assert answer.json() == {
        "predictions": [{"label": "POSITIVE", "score": 0.75}],
        "model": {"name": "sentiment", "version": "abc123abc123"},
        "request_id": answer.headers["x-request-id"],
        "deidentified": [{"PERSON": 1}],
        "policy_version": "policy-9",
    }
    assert "r=" in answer.headers["ratelimit"]
    assert uuid.UUID(answer.json()["request_id"]).version == 4


def test_texts_are_classified_in_order(harness: Harness, client: TestClient) -> None:
    """Predictions and entity counts come in the order of the texts, and the likelier label wins."""
    harness.triton.answers = ((0.9, 0.1), (0.2, 0.8))
    answer = post(client, {"texts": ["Bad.", "Mary was good."]}).json()
    assert [each["label"] for each in answer["predictions"]] == ["NEGATIVE", "POSITIVE"]
    assert answer["deidentified"] == [{}, {"PERSON": 1}]


def test_only_deidentified_text_is_forwarded(harness: Harness, client: TestClient) -> None:
    """Triton sees the text without its identifiers, with a deadline."""
    post(client, {"text": "Mary was kind."})
    assert harness.triton.asked == ["<PERSON> was kind."]
    assert harness.triton.deadline == harness.clock.seconds + 10.0


@pytest.mark.parametrize("document", [{"text": ""}, {"text": "a", "Mary Jones": 1}, {"texts": ["Mary", ""]}])
def test_invalid_fields_are_refused(harness: Harness, client: TestClient, document: Any) -> None:
    """A wrong field is a 422 that repeats nothing of the caller's, and nothing is forwarded."""
    answer = post(client, document)
    assert_problem(answer, 422)
    assert "Mary" not in answer.text
    assert harness.triton.asked == []


def test_another_language_is_refused(harness: Harness, client: TestClient) -> None:
    """What can't be de-identified is refused, not passed."""
    harness.deidentifier.failure = LanguageRefused()
    assert_problem(post(client), 422)
    assert harness.triton.asked == []


def test_failed_deidentification_forwards_nothing(harness: Harness, client: TestClient) -> None:
    """De-identification fails closed, with a 503 that says when to try again."""
    harness.deidentifier.failure = DeidentificationError()
    answer = post(client)
    assert_problem(answer, 503)
    assert answer.headers["retry-after"] == "2"
    assert harness.triton.asked == []


def test_triton_without_an_answer_is_unavailable(harness: Harness, client: TestClient) -> None:
    """No valid answer of Triton is a 503 that says when to try again."""
    harness.triton.failure = TritonError()
    answer = post(client)
    assert_problem(answer, 503)
    assert answer.headers["retry-after"] == "2"


def test_a_missing_prediction_is_unavailable(harness: Harness, client: TestClient) -> None:
    """An answer with another number of predictions than texts is not passed on."""
    harness.triton.answers = ((0.5, 0.5),)
    assert_problem(post(client, {"texts": ["a", "b"]}), 503)


def test_an_unexpected_error_is_internal(harness: Harness, client: TestClient) -> None:
    """Anything else is a 500 with a fixed text."""
    harness.triton.failure = RuntimeError("Mary Jones")
    answer = post(client)
    assert_problem(answer, 500)
    assert harness.audit_lines()[-1]["outcome"] == "internal_error"


@pytest.mark.parametrize("path", ["/", "/v1/classify/", "/docs", "/openapi.json", "/redoc", "/v1/records"])
def test_unknown_paths_are_not_found(client: TestClient, path: str) -> None:
    """There is nothing but the API, documentation included."""
    assert_problem(client.get(path), 404)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(client: TestClient, method: str) -> None:
    """A 405 names the method that there is."""
    answer = client.request(method, "/v1/classify")
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "POST"


def test_documentation_can_be_switched_on() -> None:
    """With docs set, there is the OpenAPI document."""
    with TestClient(Harness(docs=True).app()) as client:
        assert "/v1/classify" in client.get("/openapi.json").json()["paths"]


def test_readiness_needs_the_deidentifier_and_triton(harness: Harness, client: TestClient) -> None:
    """Ready means that a request would be answered; alive means only that the process is."""
    assert client.get("/readyz").status_code == 200
    harness.triton.is_ready = False
    assert_problem(client.get("/readyz"), 503)
    harness.triton.is_ready, harness.deidentifier.ready = True, False
    assert_problem(client.get("/readyz"), 503)
    assert client.get("/livez").status_code == 200


def test_metrics_count_requests_and_stages(client: TestClient) -> None:
    """Requests are counted by route template and status, problems by name, identifiers by type; stages are timed."""
    post(client, {"text": "Mary was kind."})
    client.get("/v1/Mary-Jones")
    exposition = client.get("/metrics").text
    assert 'http_requests_total{method="POST",route="/v1/classify",status="200"} 1.0' in exposition
    assert 'http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in exposition
    assert 'gateway_deidentified_entities_total{type="PERSON"} 1.0' in exposition
    assert 'http_problems_total{name="not_found"} 1.0' in exposition
    assert 'gateway_deidentification_policy_info{version="policy-9"} 1.0' in exposition
    assert "gateway_audit_writable 1.0" in exposition
    assert 'gateway_triton_breaker_state{state="closed"} 1.0' in exposition
    for stage in ("auth", "limits", "body", "deidentify", "triton"):
        assert f'gateway_stage_duration_seconds_count{{stage="{stage}"}} 1.0' in exposition


def test_an_answer_needs_its_audit_record(harness: Harness) -> None:
    """When the record can't be written, a prediction becomes a 503 and doesn't leave."""
    harness.audit_stream = io.StringIO()
    harness.audit_stream.close()
    with TestClient(harness.app()) as client:
        answer = post(client)
        assert_problem(answer, 503)
        assert "predictions" not in answer.text
        assert client.get("/livez").status_code == 200


def test_a_failure_needs_its_audit_record_too(harness: Harness) -> None:
    """When neither the request nor its record succeeds, the answer says that it could not be recorded."""
    harness.triton.failure = RuntimeError("Mary Jones")
    harness.audit_stream = io.StringIO()
    harness.audit_stream.close()
    with TestClient(harness.app()) as client:
        assert_problem(post(client), 503)


def test_the_deidentifier_is_closed_at_the_end(harness: Harness) -> None:
    """Shutting down lets go of the threads."""
    with TestClient(harness.app()):
        pass
    assert harness.deidentifier.closed
