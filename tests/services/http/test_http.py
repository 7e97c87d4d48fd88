"""The shared HTTP layer, through a small application."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from prometheus_client import CollectorRegistry

from services.http import app as http
from services.http.body import classify_request
from services.http.schemas import MAX_BODY_BYTES, ClassifyRequest

SECRET = "Jane Roe, 555-0100"
JSON = {"Content-Type": "application/json"}
Headers = Sequence[tuple[bytes, bytes]]


def application(*, ready: bool = True) -> FastAPI:
    async def is_ready() -> bool:
        return ready

    app = http.create(title="test", ready=is_ready, registry=CollectorRegistry())

    @app.post("/v1/classify")
    async def classify(body: Annotated[ClassifyRequest, Depends(classify_request)]) -> list[int]:
        return [len(text) for text in body.inputs]

    @app.get("/broken")
    async def broken() -> None:
        raise RuntimeError(SECRET)

    return app


@pytest.fixture
def client() -> Iterator[TestClient]:
    with TestClient(application()) as client:
        yield client


def assert_problem(response: Any, *, status: int) -> None:
    body = response.json()
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "detail", "request_id"}
    assert body["type"] == "about:blank"
    assert body["title"] == HTTPStatus(status).phrase
    assert body["status"] == status
    assert body["request_id"] == response.headers["x-request-id"]
    assert SECRET not in response.text


@pytest.mark.parametrize(
    ("body", "lengths"),
    [
        ({"text": "a"}, [1]),
        ({"texts": ["a", "bb"]}, [1, 2]),
        ({"texts": ["a"] * 32}, [1] * 32),
        ({"text": "é" * 10_000}, [10_000]),
    ],
)
def test_accepts_one_text_or_several_up_to_the_limits(
    client: TestClient, body: dict[str, object], lengths: list[int]
) -> None:
    """Both shapes are accepted, up to 32 texts and 10,000 characters."""
    assert client.post("/v1/classify", json=body).json() == lengths


@pytest.mark.parametrize(
    "body",
    [
        {}, {"text": SECRET, "texts": [SECRET]}, {"text": SECRET, "texts": None}, {"text": None}, {"text": ""},
        {"text": " \t\n"}, {"text": 5}, {"text": SECRET * 600}, {"texts": []}, {"texts": ["a", " "]},
        {"texts": ["a"] * 33}, {"texts": SECRET}, {"text": SECRET, "other": 1}, [SECRET], SECRET, 5,
    ],
)
def test_refuses_what_is_not_exactly_one_valid_field(client: TestClient, body: object) -> None:
    """Anything else is a 422 that repeats nothing of the request."""
    assert_problem(client.post("/v1/classify", json=body), status=422)


@pytest.mark.parametrize("content", [b"", b"{", b'{"text": "Jane Roe, 555-0100"', b'{"text": "\xff"}', b"\x00"])
def test_refuses_malformed_json(client: TestClient, content: bytes) -> None:
    """What is no JSON in UTF-8 is a 400."""
    assert_problem(client.post("/v1/classify", content=content, headers=JSON), status=400)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Content-Type": "text/plain"}, {**JSON, "Content-Encoding": "gzip"}, {"Content-Type": "application/jsonp"}],
)
def test_refuses_other_media_types(client: TestClient, headers: dict[str, str]) -> None:
    """Only application/json without an encoding is read."""
    response = client.post("/v1/classify", content=b'{"text": "a"}', headers=headers)
    assert_problem(response, status=415)


def test_accepts_a_charset_parameter(client: TestClient) -> None:
    """Parameters of the media type do not matter."""
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert client.post("/v1/classify", content=b'{"text": "a"}', headers=headers).status_code == 200


def test_accepts_a_body_of_exactly_the_limit(client: TestClient) -> None:
    """The limit itself is allowed."""
    content = b'{"text": "a"}'.ljust(MAX_BODY_BYTES)
    assert client.post("/v1/classify", content=content, headers=JSON).status_code == 200


def test_refuses_a_declared_length_beyond_the_limit(client: TestClient) -> None:
    """One byte more is a 413."""
    content = b'{"text": "a"}'.ljust(MAX_BODY_BYTES + 1)
    assert_problem(client.post("/v1/classify", content=content, headers=JSON), status=413)


def exchange(app: FastAPI, *, receive: Callable[[], dict[str, Any]], headers: Headers = ()) -> list[dict[str, Any]]:
    """What `app` sends for one POST /v1/classify whose body comes from `receive`, message by message."""
    sent: list[dict[str, Any]] = []

    async def receive_one() -> dict[str, Any]:
        return receive()

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/classify", "raw_path": b"", "query_string": b"", "root_path": "",
        "http_version": "1.1", "scheme": "http", "headers": [(b"content-type", b"application/json"), *headers],
        "client": None, "server": None, "asgi": {"version": "3.0"},
    }
    asyncio.run(app(scope, receive_one, send))
    return sent


@pytest.mark.parametrize("declared", [[], [(b"content-length", b"13")]])
def test_stops_reading_a_stream_at_the_limit(declared: list[tuple[bytes, bytes]]) -> None:
    """A body without a length, or with a false one, is refused at the chunk that passes the limit; no more is read."""
    chunk = b"x" * 65_536
    read: list[bytes] = []

    def receive() -> dict[str, Any]:
        read.append(chunk)
        return {"type": "http.request", "body": chunk, "more_body": True}

    sent = exchange(application(), receive=receive, headers=declared)
    assert sent[0]["status"] == 413
    assert sum(map(len, read)) == MAX_BODY_BYTES + len(chunk)


def test_a_client_that_left_is_not_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is sent to it and nothing is logged; it is counted as 499."""
    app = application()
    assert exchange(app, receive=lambda: {"type": "http.disconnect"}) == []
    assert caplog.text == ""
    with TestClient(app) as client:
        assert 'route="/v1/classify",status="499"' in client.get("/metrics").text


def test_answers_unknown_paths_and_methods_with_problems(client: TestClient) -> None:
    """The router's own errors are problem details too; a 405 keeps its Allow header."""
    assert_problem(client.get(f"/{SECRET}"), status=404)
    response = client.get("/v1/classify")
    assert_problem(response, status=405)
    assert response.headers["allow"] == "POST"


def test_hides_the_message_of_an_unforeseen_error(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """The client gets a fixed text and the log the class and place of the error: a message may hold a text."""
    with caplog.at_level(logging.ERROR):
        response = client.get("/broken")
    assert_problem(response, status=500)
    assert "RuntimeError" in caplog.text
    assert response.json()["request_id"] in caplog.text
    assert SECRET not in caplog.text


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
    """Ids are the service's own: one that a client sends is not taken."""
    first, second = (client.get("/livez", headers={"X-Request-ID": "mine"}).headers["x-request-id"] for _ in range(2))
    assert len({first, second, "mine"}) == 3


def test_a_request_shows_no_text_in_its_repr() -> None:
    """A request that ends in a log line says nothing of the person."""
    assert SECRET not in repr(ClassifyRequest(text=SECRET)) + repr(ClassifyRequest(texts=[SECRET]))


def test_publishes_neither_documentation_nor_schema(client: TestClient) -> None:
    """No page that loads scripts from elsewhere, no description for a prober."""
    assert {client.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")} == {404}
