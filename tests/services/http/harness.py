"""A small application on the shared HTTP layer."""

import asyncio
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from prometheus_client import CollectorRegistry
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from services.http import app as http
from services.http.body import TIMEOUT_S, classify_request

SECRET = "Jane Roe, 555-0100"
JSON = {"Content-Type": "application/json"}
Headers = Sequence[tuple[bytes, bytes]]


def application(*, ready: bool = True, timeout_s: float = TIMEOUT_S, **options: Any) -> FastAPI:
    """Answers a classify request with the length of each text."""

    async def is_ready() -> bool:
        return ready

    app = http.create(title="test", ready=is_ready, registry=CollectorRegistry(), **options)

    @app.post("/v1/classify", openapi_extra=http.CLASSIFY_BODY)
    async def classify(request: Request) -> Response:
        return JSONResponse([len(text) for text in (await classify_request(request, timeout_s=timeout_s)).inputs])

    @app.get("/broken")
    async def broken(_request: Request) -> Response:
        raise RuntimeError(SECRET)

    @app.get("/teapot")
    async def teapot(_request: Request) -> Response:
        raise HTTPException(418, SECRET)

    return app


def assert_problem(response: Any, *, status: int) -> None:
    """The response is problem details with this status, and repeats nothing of the secret."""
    body = response.json()
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert set(body) == {"type", "title", "status", "detail", "request_id"}
    assert body["type"] == "about:blank"
    assert body["title"] == HTTPStatus(status).phrase
    assert body["status"] == status
    assert body["request_id"] == response.headers["x-request-id"]
    assert response.headers["cache-control"] == "no-store"
    assert SECRET not in response.text


def exchange(app: FastAPI, *, receive: Callable[[], dict[str, Any] | None], headers: Headers = ()) -> list[Any]:
    """What `app` sends for one POST /v1/classify whose body comes from `receive`; after None nothing more comes."""
    sent: list[Any] = []

    async def receive_one() -> dict[str, Any]:
        message = receive()
        if message is None:
            await asyncio.Event().wait()
        assert message
        return message

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/classify",
        "raw_path": b"",
        "query_string": b"",
        "root_path": "",
        "http_version": "1.1",
        "scheme": "http",
        "headers": [(b"content-type", b"application/json"), *headers],
        "client": None,
        "server": None,
        "asgi": {"version": "3.0"},
    }
    asyncio.run(app(scope, receive_one, send))
    return sent
