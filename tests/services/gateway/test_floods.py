"""Callers who ask for too much, and those whom nobody knows."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.testclient import TestClient

from services.gateway.auth import Authenticator
from services.gateway.limits.failures import FailedAuthentications
from services.gateway.limits.quota import Quota
from tests.services.gateway.harness import KEY_SET, RULES, Harness, TritonError, bearer

TEXTS = {"texts": ["Good."] * 32}


def ask(client: TestClient, document: Any = None, **changes: Any) -> Any:
    return client.post("/v1/classify", json=document or {"text": "Good."}, headers=bearer(**changes))


def test_a_caller_beyond_its_requests_waits(harness: Harness) -> None:
    """Told for how long, on record, and without keeping others waiting."""
    harness.quota = Quota(12, 60_000, 8)
    with TestClient(harness.app()) as client:
        assert [ask(client).status_code for _ in range(3)] == [200, 200, 429]
        refused = ask(client)
        assert int(refused.headers["retry-after"]) > 0
        assert ask(client, sub="caller-8").status_code == 200
        assert 'http_problems_total{name="rate_limited"} 2.0' in client.get("/metrics").text
    assert [line["outcome"] for line in harness.audit_lines()][2:4] == ["rate_limited", "rate_limited"]


def test_texts_count_too(harness: Harness) -> None:
    """Many in one request are as much as many requests, and are not de-identified any more."""
    harness.quota = Quota(60_000, 192, 8)
    with TestClient(harness.app()) as client:
        assert [ask(client, TEXTS).status_code for _ in range(2)] == [200, 429]
    assert len(harness.triton.asked) == 32


def test_too_much_text_is_refused(harness: Harness) -> None:
    """More than the model should read for one request."""
    harness.max_tokens = 100
    with TestClient(harness.app()) as client:
        assert ask(client, TEXTS).status_code == 413
    assert harness.triton.asked == []


def test_unknown_callers_are_not_verified_without_end(harness: Harness) -> None:
    """Who is known already goes on, while no more signatures of others are looked at."""
    failures = FailedAuthentications(clock=harness.clock, per_s=1.0, capacity=2.0)
    harness.authenticator = Authenticator(RULES, read_keys=lambda: KEY_SET, failures=failures)
    known, forged = bearer(), ec.generate_private_key(ec.SECP256R1())
    with TestClient(harness.app()) as client:
        assert client.post("/v1/classify", json=TEXTS, headers=known).status_code == 200
        assert [ask(client, key=forged).status_code for _ in range(3)] == [401, 401, 429]
        assert client.post("/v1/classify", json=TEXTS, headers=known).status_code == 200
        harness.clock.seconds += 1
        assert ask(client).status_code == 200


def test_a_triton_that_fails_is_left_alone(harness: Harness) -> None:
    """After a while nobody waits for it, and texts are not even de-identified."""
    harness.triton.failure = TritonError("no answer")
    with TestClient(harness.app()) as client:
        while 'gateway_triton_breaker_state{state="open"} 1.0' not in client.get("/metrics").text:
            assert ask(client).status_code == 503
        asked = len(harness.triton.asked)
        answer = ask(client)
    assert (answer.status_code, len(harness.triton.asked)) == (503, asked)
    assert harness.audit_lines()[-1]["entities"] == {}


@pytest.mark.parametrize("route", ["/v1/deidentify", "/v2/models/sentiment/infer", "/v2"])
def test_every_route_has_the_limits(harness: Harness, route: str) -> None:
    """A caller's requests are counted together."""
    harness.quota = Quota(6, 60_000, 8)
    with TestClient(harness.app()) as client:
        ask(client)
        headers = bearer(scope="classify deidentify")
        answer = client.get(route, headers=headers) if route == "/v2" else client.post(route, headers=headers)
    assert answer.status_code == 429
