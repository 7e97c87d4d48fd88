"""A gateway that was told to stop: to whom it says so, and for how long it goes on."""

import asyncio
import signal

import pytest
import uvicorn
from starlette.testclient import TestClient

from services.gateway.draining import Draining, DrainingServer
from tests.services.gateway.harness import Harness, StandingClock, bearer


@pytest.fixture
def gate(harness: Harness) -> Draining:
    """The gateway on fakes, behind the gate."""
    return Draining(harness.app())


def server(gate: Draining, clock: StandingClock, *, drain_s: float = 14) -> DrainingServer:
    """A server that is never started: what matters is when it would end."""
    return DrainingServer(uvicorn.Config(gate), gate=gate, drain_s=drain_s, clock=clock)


def ends(serving: DrainingServer) -> bool:
    """Whether the server ends now."""
    return asyncio.run(serving.on_tick(1))


def test_without_triton_the_load_balancer_goes_on_asking_here(harness: Harness, gate: Draining) -> None:
    """The gateway is what tells callers that Triton is away: the balancer must not turn from it."""
    with TestClient(gate) as client:
        harness.triton.is_ready = False
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503


def test_a_draining_gateway_answers_everything_but_the_load_balancer(harness: Harness, gate: Draining) -> None:
    """The balancer hears 503; requests that are on their way are served, and the kubelet leaves the pod in service."""
    with TestClient(gate) as client:
        gate.begun = True
        assert client.get("/healthz").status_code == 503
        assert client.get("/readyz").status_code == 200
        assert client.post("/v1/classify", json={"text": "Good."}, headers=bearer()).status_code == 200


def test_health_checks_leave_no_record(harness: Harness, gate: Draining) -> None:
    """They come every few seconds and concern nobody."""
    with TestClient(gate) as client:
        client.get("/healthz")
        gate.begun = True
        client.get("/healthz")
    assert harness.audit_lines() == []


def test_a_told_server_goes_on_for_its_time(gate: Draining) -> None:
    """It says so from the signal on, and ends when the time is over."""
    clock = StandingClock()
    serving = server(gate, clock)
    assert not ends(serving)
    serving.handle_exit(signal.SIGTERM, None)
    assert gate.begun
    assert not ends(serving)
    clock.seconds += 14
    assert ends(serving)


@pytest.mark.parametrize("impatient", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(gate: Draining, impatient: signal.Signals) -> None:
    """Whoever cannot wait says so again."""
    serving = server(gate, StandingClock())
    serving.handle_exit(signal.SIGTERM, None)
    serving.handle_exit(impatient, None)
    assert ends(serving)


def test_ctrl_c_ends_it_at_once(gate: Draining) -> None:
    """Behind a terminal there is no load balancer."""
    serving = server(gate, StandingClock())
    serving.handle_exit(signal.SIGINT, None)
    assert ends(serving)


def test_without_a_time_it_ends_at_once(gate: Draining) -> None:
    """The default serves nobody any longer."""
    serving = server(gate, StandingClock(), drain_s=0)
    serving.handle_exit(signal.SIGTERM, None)
    assert ends(serving)
