"""The path of the hybrid: client, gateway, Triton."""

import json
import uuid
from typing import Any

import httpx
import pytest

from tests.e2e.audit_lines import AuditLines
from tests.e2e.conftest import Kubectl, local

pytestmark = pytest.mark.e2e

PRAISE = "Maria Lopez (maria.lopez@example.org, 555-867-5309) said that the night nurse was wonderful."
BLAME = "The waiting room was filthy and nobody answered our questions."


def classify(client: httpx.Client, body: Any, **options: Any) -> httpx.Response:
    """Post one body to /v1/classify."""
    return client.post("/v1/classify", json=body, **options)


def test_a_sentence_comes_back_with_a_label_from_triton_and_its_identifiers_counted(gateway: httpx.Client) -> None:
    """Names, e-mail and phone are found on the way, and Triton's answer is what the sentence means."""
    answer = classify(gateway, {"text": PRAISE}).json()
    [prediction] = answer["predictions"]
    assert prediction["label"] == "POSITIVE"
    assert 0.5 < prediction["score"] <= 1
    [found] = answer["deidentified"]
    assert found["PERSON"] >= 1
    assert sum(found.values()) >= 3


def test_a_batch_comes_back_in_its_order(gateway: httpx.Client) -> None:
    """Several texts get one prediction each, in the order in which they were sent."""
    answer = classify(gateway, {"texts": [PRAISE, BLAME, PRAISE]}).json()
    assert [p["label"] for p in answer["predictions"]] == ["POSITIVE", "NEGATIVE", "POSITIVE"]
    assert len(answer["deidentified"]) == 3


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Basic dXNlcjpwYXNz"])
def test_a_caller_without_a_good_token_is_refused(anonymous: httpx.Client, header: str | None) -> None:
    """401 with a challenge, and no prediction."""
    answer = classify(anonymous, {"text": PRAISE}, headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "predictions" not in answer.json()


def test_a_token_without_the_scope_is_refused(anonymous: httpx.Client) -> None:
    """403: the caller is known, but may not do this."""
    token = local("token", "--scope", "audit:read").strip()
    assert classify(anonymous, {"text": PRAISE}, headers={"Authorization": f"Bearer {token}"}).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"text": "   "}, 422),
        ({}, 422),
        ({"text": "Good.", "texts": ["Good."]}, 422),
        ({"text": "Good.", "extra": 1}, 422),
        ({"text": 5}, 422),
        ({"text": "Die Pflege war ausgezeichnet und alle waren sehr freundlich zu uns."}, 422),
        ({"text": "x" * 300_000}, 413),
    ],
)
def test_a_bad_body_gets_a_problem_with_its_status(gateway: httpx.Client, body: Any, status: int) -> None:
    """RFC 9457 problem details, and nothing of the text in them."""
    answer = classify(gateway, body)
    assert answer.status_code == status
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json()["status"] == status
    assert "Pflege" not in answer.text


def test_broken_json_gets_400_and_none_of_it_comes_back(gateway: httpx.Client) -> None:
    """The parser's complaint, which would quote the input, stays inside."""
    answer = gateway.post(
        "/v1/classify", content=b'{"text": "Maria Lopez', headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
    assert "Lopez" not in answer.text


def test_a_request_is_on_record_and_no_text_reaches_a_log(
    gateway: httpx.Client, kubectl: Kubectl, audit_lines: AuditLines
) -> None:
    """The record names request and caller; the identifiers of the text are in no log of gateway, Triton and collector."""
    surname = f"Zyx{uuid.uuid4().hex[:8]}"
    answer = classify(gateway, {"text": f"Maria {surname} was wonderful."})
    record = audit_lines.await_one(answer.json()["request_id"])
    assert (record["subject"], record["outcome"]) == ("local-user", "answered")
    assert surname not in json.dumps(audit_lines.records())
    for namespace, deployment in (("gateway", "gateway"), ("inference", "triton"), ("audit", "audit-collector")):
        assert surname not in kubectl(
            "logs", "-n", namespace, f"deployment/{deployment}", "--all-containers", "--tail=500"
        )
    assert surname not in gateway.get("/metrics").text


def test_a_refused_token_is_on_record_with_the_reason(anonymous: httpx.Client, audit_lines: AuditLines) -> None:
    """The caller is told no more than that it is not valid."""
    answer = classify(anonymous, {"text": PRAISE}, headers={"Authorization": "Bearer nonsense"})
    record = audit_lines.await_one(answer.json()["request_id"])
    assert (record["subject"], record["status"]) == (None, 401)
    assert record["outcome"] not in answer.text


def test_the_api_is_documented_on_this_stack_alone(anonymous: httpx.Client) -> None:
    """The OpenAPI document is there for whoever develops against the local gateway; elsewhere it is not."""
    assert "/v1/classify" in anonymous.get("/openapi.json").json()["paths"]
