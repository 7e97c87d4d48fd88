"""A gateway that was told to stop."""

from starlette.testclient import TestClient

from services.http.draining import HEALTH, Draining
from tests.services.gateway.harness import Harness, bearer


def test_without_triton_the_load_balancer_goes_on_asking_here(harness: Harness) -> None:
    """The gateway is what tells callers that Triton is away: the balancer must not turn from it."""
    with TestClient(Draining(harness.app())) as client:
        harness.triton.is_ready = False
        assert client.get(HEALTH).status_code == 200
        assert client.get("/readyz").status_code == 503


def test_requests_are_answered_and_on_record_while_it_drains(harness: Harness) -> None:
    """Health checks leave no record: they come every few seconds and concern nobody."""
    gate = Draining(harness.app())
    with TestClient(gate) as client:
        client.get(HEALTH)
        gate.begun = True
        client.get(HEALTH)
        assert client.post("/v1/classify", json={"text": "Good."}, headers=bearer()).status_code == 200
    assert [line["outcome"] for line in harness.audit_lines()] == ["answered"]
