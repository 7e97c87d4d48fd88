"""A service that was told to stop: to whom it says so, for how long it goes on, and that it loses nothing."""

import asyncio
import signal
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.testclient import TestClient

from services.http.draining import HEALTH, Draining, DrainingServer
from tests.services.http.harness import application
from tests.services.http.kept import Answer, KeptConnection, listening


@dataclass
class StandingTime:
    """A clock that only a test moves."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def gate() -> Draining:
    """A service behind the gate."""
    return Draining(application())


def server(gate: Draining, *, drain_s: float = 14, time: StandingTime | None = None) -> DrainingServer:
    """A server on a free port."""
    config = uvicorn.Config(gate, host="127.0.0.1", port=0, log_config=None)
    return DrainingServer(config, gate=gate, drain_s=drain_s, monotonic=time or StandingTime())


def ends(serving: DrainingServer) -> bool:
    """Whether the server ends now."""
    return asyncio.run(serving.on_tick(1))


def test_the_load_balancer_hears_of_the_end_and_nobody_else(gate: Draining) -> None:
    """Its check turns to 503; requests are answered, and probes too, so that the kubelet leaves the pod in service."""
    with TestClient(gate) as client:
        assert client.get(HEALTH).status_code == 200
        gate.begun = True
        assert client.get(HEALTH).status_code == 503
        assert client.get("/readyz").status_code == 200
        assert client.post("/v1/classify", json={"text": "Good."}).status_code == 200


@pytest.mark.parametrize("path", [HEALTH, "/livez", "/readyz", "/metrics", "/unknown", "/broken"])
def test_every_answer_ends_its_connection_while_draining(gate: Draining, path: str) -> None:
    """Health, probes, refusals and failures alike; before, connections are kept."""
    with TestClient(gate) as client:
        assert "connection" not in client.get(path).headers
        gate.begun = True
        assert client.get(path).headers.get_list("connection") == ["close"]


def test_a_told_server_goes_on_for_its_time(gate: Draining) -> None:
    """It says so from the signal on, and ends when the time is over."""
    time = StandingTime()
    serving = server(gate, time=time)
    assert not ends(serving)
    serving.handle_exit(signal.SIGTERM, None)
    assert gate.begun
    assert not ends(serving)
    time.seconds += 14
    assert ends(serving)


@pytest.mark.parametrize("impatient", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_it_at_once(gate: Draining, impatient: signal.Signals) -> None:
    """Whoever cannot wait says so again."""
    serving = server(gate)
    serving.handle_exit(signal.SIGTERM, None)
    serving.handle_exit(impatient, None)
    assert ends(serving)


def test_ctrl_c_ends_it_at_once(gate: Draining) -> None:
    """Behind a terminal there is no load balancer."""
    serving = server(gate)
    serving.handle_exit(signal.SIGINT, None)
    assert ends(serving)


def test_without_a_time_it_ends_at_once(gate: Draining) -> None:
    """A time of 0 serves nobody any longer."""
    serving = server(gate, drain_s=0)
    serving.handle_exit(signal.SIGTERM, None)
    assert ends(serving)


@dataclass
class Balancer:
    """Callers that keep their connections; new ones go to `port`."""

    port: int
    calling: bool = True

    async def call(self) -> list[Answer]:
        """The answers of one caller, who asks without a pause; an answer that does not come is an error."""
        connection, answers = KeptConnection(self.port), []
        while self.calling:
            connection.port = self.port
            answers.append(await connection.post())
            await asyncio.sleep(0)
        connection.close()
        return answers


def test_a_stopping_server_loses_no_request_of_kept_connections() -> None:
    """Under constant load every request is answered, and all callers have left before the server ends."""

    async def run() -> tuple[int, list[list[Answer]]]:
        time, gates = StandingTime(), [Draining(application()) for _ in range(2)]
        stopping, staying = (server(gate, time=time) for gate in gates)
        async with listening(staying) as (second, _), listening(stopping) as (first, serving):
            balancer = Balancer(first)
            callers = [asyncio.create_task(balancer.call()) for _ in range(8)]
            while len(stopping.server_state.connections) < len(callers):
                await asyncio.sleep(0)
            balancer.port = second  # as when its health check has failed: connections that are kept stay
            stopping.handle_exit(signal.SIGTERM, None)
            while stopping.server_state.connections:
                await asyncio.sleep(0)
            time.seconds += 14
            await serving
            balancer.calling = False
            return first, await asyncio.gather(*callers)

    first, answers = asyncio.run(asyncio.wait_for(run(), timeout=60))
    for each in answers:
        assert {answer.status for answer in each} == {200}
        assert [answer.port for answer in each if "connection" in answer.headers] == [first]


def test_connections_are_kept_until_it_drains() -> None:
    """One connection carries one answer after the other, until the first that begins while the server drains."""

    async def run() -> None:
        gate = Draining(application())
        async with listening(server(gate)) as (port, _):
            connection = KeptConnection(port)
            await connection.post()
            kept = connection.streams
            await connection.post()
            assert connection.streams is kept
            assert kept
            gate.begun = True
            assert (await connection.post()).headers["connection"] == "close"
            assert await kept[0].read() == b""  # the server closed it

    asyncio.run(asyncio.wait_for(run(), timeout=60))
