"""Reading the body of a classify request."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from services.http.body import parse
from services.http.problems import ProblemError
from services.http.schemas import MAX_BODY_BYTES, MAX_CHARACTERS, MAX_TEXTS, ClassifyRequest
from tests.services.http.harness import JSON, SECRET, application, assert_problem, exchange


@pytest.mark.parametrize(
    ("body", "lengths"),
    [
        ({"text": "a"}, [1]),
        ({"texts": ["a", "bb"]}, [1, 2]),
        ({"texts": ["a"] * MAX_TEXTS}, [1] * 32),
        ({"text": "é" * MAX_CHARACTERS}, [10_000]),
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
        {},
        {"text": SECRET, "texts": [SECRET]},
        {"text": SECRET, "texts": None},
        {"text": None},
        {"text": ""},
        {"text": " \t\n"},
        {"text": 5},
        {"text": "x" * (MAX_CHARACTERS + 1)},
        {"text": SECRET * 600},
        {"texts": []},
        {"texts": ["a", " "]},
        {"texts": ["a", ""]},
        {"texts": ["a", 5]},
        {"texts": ["a"] * (MAX_TEXTS + 1)},
        {"texts": SECRET},
        {"texts": {SECRET: SECRET}},
        {"other": 1},
        {"text": SECRET, "other": 1},
        {"text": "a", SECRET: 1},
        {SECRET: 1},
        [],
        [SECRET],
        SECRET,
        5,
    ],
)
def test_refuses_what_is_not_exactly_one_valid_field(client: TestClient, body: object) -> None:
    """Anything else is a 422 that repeats nothing of the request."""
    assert_problem(client.post("/v1/classify", json=body, headers=JSON), status=422)


@pytest.mark.parametrize(("body", "path"), [({"texts": ["a", " "]}, "texts.1"), ({"text": 5}, "text")])
def test_names_the_field_at_fault(client: TestClient, body: object, path: str) -> None:
    """The 422 has the path of the field."""
    assert f"field {path} " in client.post("/v1/classify", json=body).json()["detail"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"text": "Jane Roe, 555-0100"',
        b'{"text": "\xff"}',
        b"\x00",
        b"\xff",
        b'{"text": NaN}',
        b'{"text": "\\ud800"}',
        b"[" * 100_000,
    ],
)
def test_refuses_malformed_json(client: TestClient, content: bytes) -> None:
    """What is no JSON in UTF-8 is a 400."""
    assert_problem(client.post("/v1/classify", content=content, headers=JSON), status=400)


@pytest.mark.parametrize("body", [b'{"text": "Jane Roe, 555-0100', b'{"text": ["Jane Roe, 555-0100"]}'])
def test_a_refusal_does_not_carry_what_it_refuses(body: bytes) -> None:
    """The parser's error, which knows the text, is not chained to the problem, so no traceback can show it."""
    with pytest.raises(ProblemError) as refusal:
        parse(ClassifyRequest, body)
    assert refusal.value.__context__ is None


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json; charset=latin-1"},
        {**JSON, "Content-Encoding": "gzip"},
    ],
)
def test_refuses_other_media_types(client: TestClient, headers: dict[str, str]) -> None:
    """Only uncompressed JSON in UTF-8 is read."""
    response = client.post("/v1/classify", content=b'{"text": "a"}', headers=headers)
    assert_problem(response, status=415)


@pytest.mark.parametrize("media_type", ["Application/JSON; charset=utf-8", 'Application/JSON; charset="UTF-8"'])
def test_accepts_the_charset_that_json_has(client: TestClient, media_type: str) -> None:
    """Naming the charset that JSON has anyway is fine."""
    headers = {"Content-Type": media_type}
    assert client.post("/v1/classify", content=b'{"text": "a"}', headers=headers).status_code == 200


def test_accepts_a_body_of_exactly_the_limit(client: TestClient) -> None:
    """The limit itself is allowed."""
    content = b'{"text": "a"}'.ljust(MAX_BODY_BYTES)
    assert client.post("/v1/classify", content=content, headers=JSON).status_code == 200


def test_refuses_one_byte_more_than_the_limit(client: TestClient) -> None:
    """One byte more is a 413, after which the connection is closed."""
    content = b'{"text": "a"}'.ljust(MAX_BODY_BYTES + 1)
    response = client.post("/v1/classify", content=content, headers=JSON)
    assert_problem(response, status=413)
    assert response.headers["connection"] == "close"


@pytest.mark.parametrize("declared", [str(MAX_BODY_BYTES + 1), "9" * 5000])
def test_refuses_a_declared_length_beyond_the_limit_unread(declared: str) -> None:
    """A Content-Length over the limit is a 413 at once."""

    def receive() -> dict[str, Any]:
        raise AssertionError("the body was read")

    sent = exchange(application(), receive=receive, headers=[(b"content-length", declared.encode())])
    assert sent[0]["status"] == 413


@pytest.mark.parametrize("declared", ["-1", "x", "1e3", "+5"])
def test_refuses_a_length_that_is_no_number(client: TestClient, declared: str) -> None:
    """A Content-Length that is not decimal digits is a 400."""
    response = client.post("/v1/classify", content=b"{}", headers={**JSON, "Content-Length": declared})
    assert_problem(response, status=400)


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


@pytest.mark.parametrize("declared", [None, "2"])
def test_refuses_a_large_body_sent_in_chunks(client: TestClient, declared: str | None) -> None:
    """The client gets the 413 whether or not it declared a length."""

    def chunks() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 64 * 1024

    headers = JSON | ({"Content-Length": declared} if declared else {})
    assert_problem(client.post("/v1/classify", content=chunks(), headers=headers), status=413)


def test_gives_up_a_body_that_never_ends() -> None:
    """A body that does not arrive within its time is a 408."""
    messages: Iterator[dict[str, Any]] = iter([{"type": "http.request", "body": b"{", "more_body": True}])
    sent = exchange(application(timeout_s=0), receive=lambda: next(messages, None))
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_a_client_that_left_is_not_an_error(caplog: pytest.LogCaptureFixture) -> None:
    """A connection that ends within the body is counted as a 400, and nothing is logged."""
    app = application()
    assert exchange(app, receive=lambda: {"type": "http.disconnect"})[0]["status"] == 400
    assert caplog.text == ""
    with TestClient(app) as client:
        assert 'route="/v1/classify",status="400"' in client.get("/metrics").text


def test_a_request_shows_no_text_in_its_repr() -> None:
    """A request that ends in a log line says nothing of the person."""
    assert SECRET not in repr(ClassifyRequest(text=SECRET)) + repr(ClassifyRequest(texts=[SECRET]))
