"""`POST /v1/deidentify`."""

import pytest
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


def test_a_conversation_and_a_subject_are_the_callers_own(harness: Harness, client: TestClient) -> None:
    """Within them surrogates and shifted dates agree from one request to the next; another caller's never do."""
    body = {"text": "Mary was kind.", "conversation": "visit-1", "subject": "patient-1"}
    for _ in range(2):
        assert client.post(ROUTE, json=body, headers=MAY).status_code == 200
    client.post(ROUTE, json=body, headers=bearer(scope="deidentify", sub="caller-8"))
    client.post(ROUTE, json={"text": "Mary was kind."}, headers=MAY)
    first, second, others, none = harness.deidentifier.scopes
    assert first == second
    assert not {first.conversation, first.subject} & {others.conversation, others.subject, none.conversation}
    assert none.subject == ""
    assert "visit-1" not in "".join(map(str, harness.audit_lines()))


@pytest.mark.parametrize("wrong", [None, "", "two words", "x" * 129, 7])
@pytest.mark.parametrize("name", ["conversation", "subject"])
def test_an_id_that_is_none_is_refused(client: TestClient, name: str, wrong: object) -> None:
    """And the answer names the field alone."""
    answer = client.post(ROUTE, json={"text": "Good.", name: wrong}, headers=MAY)
    assert answer.status_code == 422
    assert name in answer.json()["detail"]


def test_to_classify_there_is_no_conversation(client: TestClient) -> None:
    """Its answer holds no text, so that nothing could agree."""
    answer = client.post(
        "/v1/classify", json={"text": "Good.", "conversation": "c-1"}, headers=bearer(scope="classify")
    )
    assert answer.status_code == 422
