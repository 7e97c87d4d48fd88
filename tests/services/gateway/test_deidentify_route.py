"""`POST /v1/deidentify`."""

from starlette.testclient import TestClient

from services.gateway.deidentify import DeidentificationError, LanguageRefused
from tests.services.gateway.harness import Harness, bearer

ROUTE = "/v1/deidentify"
MAY = bearer(scope="deidentify")


def test_texts_come_back_without_identifiers(harness: Harness, client: TestClient) -> None:
    """With the place of each in the text as it was sent, in the order of the texts; Triton is not asked."""
    answer = client.post(ROUTE, json={"texts": ["So Mary was kind.", "Good."]}, headers=MAY)
    assert answer.json() == {
        "deidentified": [
            {"text": "So <PERSON> was kind.", "spans": [{"start": 3, "end": 7, "type": "PERSON"}]},
            {"text": "Good.", "spans": []},
        ],
        "policy_version": "policy-9",
        "request_id": answer.headers["x-request-id"],
    }
    assert harness.triton.asked == []


def test_it_is_on_record(harness: Harness, client: TestClient) -> None:
    """With counts and without a model, since none was asked."""
    client.post(ROUTE, json={"text": "Mary was kind."}, headers=MAY)
    [line] = harness.audit_lines()
    assert (line["route"], line["outcome"], line["subject"]) == (ROUTE, "answered", "caller-7")
    assert (line["entities"], line["model"]) == ({"PERSON": 1}, {"name": None, "version": None})


def test_it_needs_its_own_scope(client: TestClient) -> None:
    """Who may classify may not have texts back, and the other way round."""
    assert client.post(ROUTE, json={"text": "Good."}, headers=bearer(scope="classify")).status_code == 403
    assert client.post("/v1/classify", json={"text": "Good."}, headers=MAY).status_code == 403


def test_it_fails_closed(harness: Harness, client: TestClient) -> None:
    """No text comes back that could not be de-identified."""
    for failure, status in ((LanguageRefused(), 422), (DeidentificationError(), 503)):
        harness.deidentifier.failure = failure
        answer = client.post(ROUTE, json={"text": "Mary was kind."}, headers=MAY)
        assert answer.status_code == status
        assert "Mary" not in answer.text


def test_triton_is_not_needed(harness: Harness, client: TestClient) -> None:
    """It goes on while Triton is away."""
    harness.triton.is_ready = False
    assert client.post(ROUTE, json={"text": "Good."}, headers=MAY).status_code == 200
