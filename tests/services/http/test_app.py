"""What the shared application answers around its route."""

import logging
import uuid

import pytest
from fastapi.testclient import TestClient
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Receive, Scope, Send

from services.http.problems import ProblemError, unavailable
from tests.services.http.harness import SECRET, application, assert_problem


class Refusing:
    """A middleware that lets nothing through."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raise ProblemError(unavailable("refused", "Try again."))
        await self.app(scope, receive, send)


def test_answers_unknown_paths_and_methods_with_problems(client: TestClient) -> None:
    """The router's own errors are problem details too; a 405 keeps its Allow header."""
    assert_problem(client.get(f"/{SECRET}"), status=404)
    response = client.get("/v1/classify")
    assert_problem(response, status=405)
    assert response.headers["allow"] == "POST"


def test_does_not_redirect(client: TestClient) -> None:
    """A path with a slash too many is not found: a redirect would repeat it."""
    assert_problem(client.post("/v1/classify/", json={"text": "a"}, follow_redirects=False), status=404)


def test_hides_the_message_of_an_unforeseen_error(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a fixed text and the log the class and place of the error: a message may hold a text."""
    with caplog.at_level(logging.ERROR):
        response = client.get("/broken")
    assert_problem(response, status=500)
    assert "RuntimeError" in caplog.text
    assert response.json()["request_id"] in caplog.text
    assert SECRET not in caplog.text


def test_hides_the_detail_of_an_http_error_that_is_no_problem(client: TestClient) -> None:
    """An HTTP error with a text of its own is answered with a fixed one."""
    assert_problem(client.get("/teapot"), status=500)


def test_answers_with_the_problem_of_a_middleware(caplog: pytest.LogCaptureFixture) -> None:
    """A problem raised outside the router gets its own status, is counted with it and is in the log by name."""
    with TestClient(application(middleware=[Middleware(Refusing)])) as client:
        response = client.get("/livez")
    assert_problem(response, status=503)
    assert response.json()["detail"] == "Try again."
    assert f"Request {response.json()['request_id']} failed: refused." in caplog.text


def test_is_live_before_it_is_ready() -> None:
    """/livez is 200 while /readyz is a 503 that says when to come back."""
    with TestClient(application(ready=False)) as client:
        assert client.get("/livez").status_code == 200
        response = client.get("/readyz")
    assert_problem(response, status=503)
    assert response.headers["retry-after"].isdigit()


def test_counts_requests_under_labels_that_a_client_cannot_multiply(client: TestClient) -> None:
    """Unknown paths and methods share one label each."""
    client.post("/v1/classify", json={"text": "a"})
    client.get(f"/{SECRET}")
    client.request("BREW", "/pot")
    metrics = client.get("/metrics").text
    assert 'http_requests_total{method="POST",route="/v1/classify",status="200"} 1.0' in metrics
    assert 'http_requests_total{method="GET",route="unmatched",status="404"} 1.0' in metrics
    assert 'http_requests_total{method="OTHER",route="unmatched",status="404"} 1.0' in metrics
    assert SECRET not in metrics


def test_gives_every_request_its_own_id(client: TestClient) -> None:
    """Ids are random UUIDs of the service's own: one that a client sends is not taken."""
    first, second = (client.get("/livez", headers={"X-Request-Id": "mine"}).headers["x-request-id"] for _ in range(2))
    assert len({first, second, "mine"}) == 3
    assert {uuid.UUID(first).version, uuid.UUID(second).version} == {4}


def test_no_answer_may_be_stored(client: TestClient) -> None:
    """Answers may say something about a person, so no cache keeps one."""
    assert client.post("/v1/classify", json={"text": "a"}).headers["cache-control"] == "no-store"


def test_publishes_neither_documentation_nor_schema(client: TestClient) -> None:
    """No page that loads scripts from elsewhere, no description for a prober."""
    assert {client.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}
