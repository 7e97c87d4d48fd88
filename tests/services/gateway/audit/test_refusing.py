"""No answer without its record: the trail and what holds answers back, together."""

import errno
import os
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from services.gateway.audit.log import AuditLog
from services.gateway.clock import SystemClock
from services.gateway.recording import Recording
from services.http.metrics import HttpMetrics
from services.http.middleware import RequestMiddleware
from tests.services.gateway.audit.test_log import await_ready
from tests.services.gateway.audit.trail import audit_log


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("an answer")


def client(log: AuditLog) -> TestClient:
    """Of an application that answers everything."""
    metrics = HttpMetrics(CollectorRegistry())
    middleware = [
        Middleware(RequestMiddleware, metrics=metrics),
        Middleware(Recording, audit=log, clock=SystemClock()),
    ]
    return TestClient(Starlette(routes=[Route("/v1/classify", answer)], middleware=middleware))


def test_a_full_disk_turns_answers_into_refusals_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with the time to come back, and nothing of the answer; then answers again, without a restart."""
    with audit_log(tmp_path, clock=SystemClock()) as log, client(log) as caller:
        await_ready(log)
        assert caller.get("/v1/classify").text == "an answer"
        monkeypatch.setattr(os, "fdatasync", full)
        refused = caller.get("/v1/classify")
        assert refused.status_code == 503
        assert "an answer" not in refused.text
        assert refused.headers["retry-after"]
        assert not log.ready
        monkeypatch.undo()
        await_ready(log)
        assert caller.get("/v1/classify").text == "an answer"


def full(_: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")
