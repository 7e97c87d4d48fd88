"""The k6 scripts, run by the real k6 against stand-ins for the services on loopback."""

import asyncio
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest

from loadtests.measure import PROFILES, SCRIPTS, Load, LoadTestError, Run, k6, measure
from tests.loadtests.services import Service, running
from tests.pki import Authority
from tests.relay import Relay

FOLDER = Path(__file__).parents[2] / "loadtests"
TEXTS = json.loads((FOLDER / "data" / "texts.json").read_text())
SMOKE = Load(profile="smoke", seconds=2, warmup_s=1)
STEP = Load(profile="capacity", rate=30, seconds=2, warmup_s=1, p95_ms=1000)


@dataclass
class Case:
    """A path under a load, and who answers."""

    path: str
    load: Load
    service: Service
    outcome: Run | LoadTestError | None = None

    def run(self) -> None:
        environment = {"PATH": os.environ["PATH"], **self.service.environment}
        try:
            self.outcome = measure(self.path, self.load, environment=environment)
        except LoadTestError as error:
            self.outcome = error


@pytest.fixture(scope="module")
def cases() -> Iterator[dict[str, Case]]:
    """Each run once, all at a time."""
    with ExitStack() as stack, ThreadPoolExecutor(16) as pool:
        made = {
            **{path: Case(path, SMOKE, Service()) for path in SCRIPTS},
            "step": Case("triton", STEP, Service()),
            "fresh": Case("triton", Load(profile="latency", connection="fresh", seconds=1, warmup_s=1), Service()),
            "wrong": Case("fastapi-svc", SMOKE, Service(label="SPLENDID")),
            "refusing": Case("fastapi-svc", STEP, Service(status=503)),
            "slow": Case("triton", Load(profile="capacity", rate=10, seconds=2, warmup_s=1, p95_ms=50), Service(delay_s=0.2)),
            "stuck": Case("triton", Load(profile="capacity", rate=100, seconds=2, warmup_s=1, p95_ms=5), Service(delay_s=1)),
            "spike": Case("gateway", Load(profile="spike", rate=10, seconds=2, warmup_s=1, p95_ms=2000), Service()),
        }  # fmt: skip
        for case in made.values():
            stack.enter_context(running(case.service))
        list(pool.map(Case.run, made.values()))
        yield made


def measured(case: Case) -> Run:
    assert isinstance(case.outcome, Run), case.outcome
    return case.outcome


@pytest.mark.parametrize(("path", "profile"), [*product(SCRIPTS, PROFILES)])
def test_every_profile_of_every_script_is_one_that_k6_takes(path: str, profile: str) -> None:
    """With a warm-up that is not measured, and thresholds on wrong answers, errors, p95 and dropped iterations."""
    environment = {**os.environ, **Load(profile=profile).environment(), "TOKEN": "a.b.c"}
    command = [k6(), "inspect", "--include-system-env-vars", str(FOLDER / SCRIPTS[path])]
    inspected = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    options = json.loads(inspected.stdout)
    assert {"warmup", "measure"} <= set(options["scenarios"])
    assert all(scenario["startTime"] for name, scenario in options["scenarios"].items() if name != "warmup")
    scenario = "after" if "after" in options["scenarios"] else "measure"
    latency = "grpc_req_duration" if path == "triton-grpc" else "latency"
    thresholds = options["thresholds"]
    assert thresholds["wrong{scenario:measure}"] == ["rate==0"]
    assert thresholds[f"failed{{scenario:{scenario}}}"] == ["rate==0"]
    assert thresholds[f"dropped_iterations{{scenario:{scenario}}}"] == ["count==0"]
    bound = "max<30000" if profile in ("smoke", "latency") else "p(95)<=50"
    assert thresholds[f"{latency}{{scenario:{scenario}}}"] == [bound]


@pytest.mark.parametrize("path", SCRIPTS)
def test_measures_a_path(cases: dict[str, Case], path: str) -> None:
    """The summary counts what came after the warm-up and has the quantiles in order."""
    run = measured(cases[path])
    assert run.path == path
    assert run.clients == 2
    assert 0 < run.requests < run.requests_with_warmup <= len(cases[path].service.texts)
    assert 0 < run.answered_per_s <= run.requests / run.seconds
    assert 0 < run.min_ms <= run.p50_ms <= run.p95_ms <= run.quantiles_ms["99.9"] <= run.max_ms
    assert run.failed_thresholds == []


def test_every_path_is_sent_the_same_texts(cases: dict[str, Case]) -> None:
    """From the payload file, in its order."""
    for path in SCRIPTS:
        texts = cases[path].service.texts
        if path == "triton-grpc":
            assert any(TEXTS[0] in text for text in texts)
        else:
            assert set(texts) <= set(TEXTS)
            assert len(set(texts)) > 5
            assert TEXTS[0] in texts


def test_only_the_gateway_gets_the_token(cases: dict[str, Case]) -> None:
    """A bearer token goes where it is needed and nowhere else."""
    assert cases["gateway"].service.tokens == {"Bearer a.b.c"}
    assert cases["fastapi-svc"].service.tokens == {""}


def test_an_open_loop_offers_its_rate(cases: dict[str, Case]) -> None:
    """Whatever the answers take; all were within the objective."""
    run = measured(cases["step"])
    assert (run.offered_per_s, run.clients) == (30, None)
    assert run.requests + run.dropped == pytest.approx(60, abs=2)
    assert run.failed_thresholds == []


def test_a_fresh_connection_is_made_for_each_request_and_a_kept_one_is_not(cases: dict[str, Case]) -> None:
    """As the loads say."""
    assert cases["fresh"].service.connections >= measured(cases["fresh"]).requests
    assert cases["triton"].service.connections <= 4


def test_a_wrong_answer_fails_the_run(cases: dict[str, Case]) -> None:
    """A fast service that answers wrongly is not fast."""
    assert isinstance(cases["wrong"].outcome, LoadTestError)
    assert "wrong answers" in str(cases["wrong"].outcome)


def test_refusals_are_no_answers(cases: dict[str, Case]) -> None:
    """A 503 counts as failed, and who only gets those is told."""
    run = measured(cases["refusing"])
    assert run.failed == run.requests > 0
    assert run.failed_thresholds == ["answered{scenario:measure}", "failed{scenario:measure}"]
    with pytest.raises(LoadTestError, match=r"^fastapi-svc answered nothing: see whether it is up, and its log\.$"):
        run.demand()


def test_late_answers_break_the_objective(cases: dict[str, Case]) -> None:
    """The run is measured, and says so."""
    assert measured(cases["slow"]).failed_thresholds == ["latency{scenario:measure}"]


def test_iterations_that_cannot_start_break_the_objective(cases: dict[str, Case]) -> None:
    """The offered rate was not reached, so the figures are not of it."""
    run = measured(cases["stuck"])
    assert run.dropped > 0
    assert "dropped_iterations{scenario:measure}" in run.failed_thresholds


def test_a_spike_is_followed_by_a_look_whether_it_recovered(cases: dict[str, Case]) -> None:
    """With thresholds of its own."""
    run = measured(cases["spike"])
    assert run.after_p95_ms is not None
    assert run.after_p95_ms > 0
    assert run.failed_thresholds == []


def test_a_smoke_test_demands_every_threshold() -> None:
    """Elsewhere a broken one is what is looked for."""
    with running(Service(delay_s=0.2)) as service:
        load = Load(profile="capacity", rate=10, seconds=1, warmup_s=1, p95_ms=5)
        run = measure("triton", load, environment={"PATH": os.environ["PATH"], **service.environment})
    with pytest.raises(
        LoadTestError, match=r"^The run of triton broke .*latency\{scenario:measure\}.*: see its log\.$"
    ):
        run.demand()


@pytest.mark.parametrize("path", ["gateway", "triton-grpc"])
def test_a_client_certificate_takes_the_place_of_a_token(path: str, tmp_path: Path) -> None:
    """As callers within the cluster have it, and Triton always wants it; the server's is verified by the Service's name."""
    with running(Service(), tls=tmp_path) as service:
        environment = {"PATH": os.environ["PATH"], **service.environment}
        run = measure(path, Load(profile="smoke", seconds=1, warmup_s=1), environment=environment).demand()
    assert run.requests > 0
    assert service.tokens <= {""}


def test_a_way_that_opens_late_is_awaited(tmp_path: Path) -> None:
    """As a pod's is whose address the network policies do not know yet: the first connections are refused."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        late_port = free.getsockname()[1]
    with running(Service(), tls=tmp_path) as service:
        port = service.environment["GATEWAY_URL"].rpartition(":")[2]
        opening = threading.Timer(2, _forward, (late_port, int(port)))
        opening.daemon = True
        opening.start()
        given = {**service.environment, "GATEWAY_URL": f"https://127.0.0.1:{late_port}", "PATH": os.environ["PATH"]}
        run = measure("gateway", Load(profile="smoke", seconds=1, warmup_s=1), environment=given).demand()
    assert run.failed == 0


def _forward(port: int, to: int) -> None:
    """Hands connections on, for as long as the process lives."""

    async def forever() -> None:
        await Relay(to, port).listen()
        await asyncio.Event().wait()

    asyncio.run(forever())


@pytest.mark.parametrize("path", ["gateway", "triton-grpc"])
def test_a_server_of_another_authority_gets_no_text(path: str, tmp_path: Path) -> None:
    """Nothing is sent to who cannot show the right certificate."""
    with running(Service(), tls=tmp_path) as service:
        other = tmp_path / "other.crt"
        other.write_bytes(Authority().pem)
        wrong = {**service.environment, "SSL_CERT_FILE": str(other), "TRITON_CA": str(other)}
        load = Load(profile="smoke", seconds=1, warmup_s=1)
        with pytest.raises(LoadTestError, match="answered nothing"):
            measure(path, load, environment={"PATH": os.environ["PATH"], **wrong}).demand()
    assert service.texts == []


@pytest.mark.parametrize("url", ["http://192.0.2.1:80", "ftp://127.0.0.1:1", "http://127.0.0.1.example.com:80"])
def test_refuses_to_send_load_elsewhere(url: str) -> None:
    """Only this machine's loopback address, or a cluster's own Services, are loaded."""
    with pytest.raises(
        LoadTestError, match=r"load is sent to 127\.0\.0\.1:PORT or to a Service of this cluster only\.$"
    ):
        measure("fastapi-svc", SMOKE, environment={"FASTAPI_URL": url})


def test_names_what_is_missing_or_wrong() -> None:
    """No token, or a profile or a number that does not exist, is one sentence."""
    with pytest.raises(LoadTestError, match="TOKEN is not set"):
        measure("gateway", SMOKE, environment={})
    with pytest.raises(LoadTestError, match="set it to one of smoke, latency, capacity, stress, soak, spike"):
        measure("triton", Load(profile="fierce"), environment={})
    with pytest.raises(LoadTestError, match=r"RATE is -1: set it to a number above 0\.$"):
        measure("triton", Load(profile="capacity", rate=-1), environment={})


@pytest.mark.parametrize("printed", ["", "no json", "[]", "{}", '{"path": "triton"}'])
def test_refuses_what_is_no_summary(printed: str) -> None:
    """One sentence."""
    with pytest.raises(LoadTestError, match="k6 printed no summary"):
        Run.parse(printed)
