"""`GET /v1/audit`, on a real trail."""

import time
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.gateway.audit.chain import Head
from services.gateway.audit.log import AuditLog
from services.gateway.audit.verify import verify
from services.gateway.clock import SystemClock
from tests.services.gateway.audit.test_log import await_ready
from tests.services.gateway.audit.test_refusing import full
from tests.services.gateway.audit.trail import audit_log
from tests.services.gateway.harness import Harness, bearer

MAY = bearer(scope="audit:read")


def ask(log: AuditLog, *, before: int = 0) -> dict[str, Any]:
    """What it answers after so many other requests."""
    with TestClient(Harness(audit=log).app()) as client:
        for _ in range(before):
            client.post("/v1/classify", json={"text": "Mary was kind."}, headers=bearer())
        answer = client.get("/v1/audit", headers=MAY)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_it_says_where_the_trail_is(tmp_path: Path) -> None:
    """The head is that of the record before its own, by which a copy of the trail can be checked; no record is shown."""
    with audit_log(tmp_path, clock=SystemClock()) as log:
        await_ready(log)
        found = ask(log, before=3)
    assert found["records"] == 4  # the start, and three requests
    assert (found["writable"], found["whole"]) == (True, True)
    assert found["anchor"]["sequence"] == 0
    head = Head(found["chain"], **found["head"])
    report = verify([tmp_path], known=[head, Head(found["chain"], **found["anchor"])])
    assert report.faults == []
    assert set(found) == {"chain", "records", "head", "anchor", "writable", "whole", "request_id"}


@pytest.mark.parametrize("harm", ["cut off", "added to", "gone"])
def test_it_says_that_the_end_is_not_the_one_that_was_written(tmp_path: Path, harm: str) -> None:
    """A volume that somebody changed at its end is not whole."""
    with audit_log(tmp_path, clock=SystemClock()) as log:
        await_ready(log)
        [path] = tmp_path.glob("*.jsonl")
        if harm == "gone":
            path.unlink()
        else:
            path.write_bytes(path.read_bytes()[:-2] if harm == "cut off" else path.read_bytes() + b"{}\n")
        assert ask(log)["whole"] is False


def test_it_needs_its_own_scope(client: TestClient) -> None:
    """Who may classify or de-identify may not ask."""
    assert client.get("/v1/audit", headers=bearer(scope="classify deidentify")).status_code == 403
    assert client.post("/v1/classify", json={"text": "Good."}, headers=MAY).status_code == 403


def test_a_trail_that_has_not_begun_is_a_refusal(tmp_path: Path) -> None:
    """There is nothing to tell of, and nothing could be recorded."""
    with audit_log(tmp_path / "missing", clock=SystemClock()) as log, TestClient(Harness(audit=log).app()) as client:
        assert client.get("/v1/audit", headers=MAY).status_code == 503


def test_the_gateway_is_not_ready_while_its_trail_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first record that fails, so that requests go to another gateway, until one can be written."""
    with audit_log(tmp_path, clock=SystemClock()) as log, TestClient(Harness(audit=log).app()) as client:
        await_ready(log)
        assert client.get("/readyz").status_code == 200
        monkeypatch.setattr("os.fdatasync", full)
        client.get("/v1/audit", headers=MAY)
        assert client.get("/readyz").status_code == 503
        assert client.get("/livez").status_code == 200
        monkeypatch.undo()
        ends = time.monotonic() + 30
        while client.get("/readyz").status_code != 200:
            assert time.monotonic() < ends
            time.sleep(0.05)
