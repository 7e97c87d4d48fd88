"""The k6 scripts, run by the real k6 against stand-ins for the services on loopback."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from loadtests.measure import SCRIPTS, LoadTestError, Run, measure

TEXTS = json.loads((Path(__file__).parents[2] / "loadtests" / "data" / "texts.json").read_text())
PREDICTION = {"predictions": [{"label": "POSITIVE", "score": 0.9}], "model": {"name": "m", "version": "v"}}


class Service(BaseHTTPRequestHandler):
    """Answers as all three services; `texts` has what it was asked, `authorisation` how."""

    protocol_version = "HTTP/1.1"
    texts: list[str]
    authorisation: set[str]
    label = "POSITIVE"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/v2/models/sentiment/infer":
            self.texts.append(body["inputs"][0]["data"][0])
            answer: dict[str, Any] = {"outputs": [{"name": "LOGITS", "data": [0.1, 0.9]}]}
        else:
            self.texts.append(body["text"])
            self.authorisation.add(self.headers.get("Authorization", ""))
            prediction = {"label": self.label, "score": 0.9}
            answer = {**PREDICTION, "predictions": [prediction], "deidentified": [{}]}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        pass


def serve(label: str = "POSITIVE") -> tuple[ThreadingHTTPServer, type[Service]]:
    handler = type("Handler", (Service,), {"texts": [], "authorisation": set(), "label": label})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, handler


def environment(server: ThreadingHTTPServer) -> dict[str, str]:
    url = f"http://127.0.0.1:{server.server_port}"
    return {"FASTAPI_URL": url, "TRITON_URL": url, "GATEWAY_URL": url, "TOKEN": "a.b.c"}


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, tuple[Run | LoadTestError, type[Service]]]]:
    """One smoke run of each path, and one of a service that answers wrongly, all at a time."""
    servers = {path: serve() for path in SCRIPTS} | {"wrong": serve(label="SPLENDID")}

    def measured(name: str) -> Run | LoadTestError:
        try:
            path = "fastapi-svc" if name == "wrong" else name
            return measure(path, profile="smoke", environment=environment(servers[name][0]))
        except LoadTestError as error:
            return error

    with ThreadPoolExecutor(len(servers)) as pool:
        outcomes = dict(zip(servers, pool.map(measured, servers), strict=True))
    yield {name: (outcomes[name], handler) for name, (_, handler) in servers.items()}
    for server, _ in servers.values():
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("path", SCRIPTS)
def test_measures_a_path(runs: dict[str, tuple[Run | LoadTestError, type[Service]]], path: str) -> None:
    """The summary counts requests and has the percentiles in order."""
    outcome, service = runs[path]
    assert isinstance(outcome, Run)
    assert outcome.path == path
    assert 0 < outcome.requests <= len(service.texts)
    assert 0 < outcome.p50_ms <= outcome.p95_ms <= outcome.p99_ms


def test_every_path_is_sent_the_same_texts(runs: dict[str, tuple[Run | LoadTestError, type[Service]]]) -> None:
    """All of the payload file, and nothing else."""
    for path in SCRIPTS:
        assert set(runs[path][1].texts) <= set(TEXTS)
        assert TEXTS[0] in runs[path][1].texts


def test_only_the_gateway_gets_the_token(runs: dict[str, tuple[Run | LoadTestError, type[Service]]]) -> None:
    """A bearer token goes where it is needed and nowhere else."""
    assert runs["gateway"][1].authorisation == {"Bearer a.b.c"}
    assert runs["fastapi-svc"][1].authorisation == {""}


def test_a_wrong_answer_fails_the_run(runs: dict[str, tuple[Run | LoadTestError, type[Service]]]) -> None:
    """A fast service that answers wrongly is not fast."""
    outcome, _ = runs["wrong"]
    assert isinstance(outcome, LoadTestError)
    assert "checks{scenario:measure}" in str(outcome)


@pytest.mark.parametrize("url", ["http://192.0.2.1:80", "https://127.0.0.1:1", "http://127.0.0.1.example.com:80"])
def test_refuses_to_send_load_elsewhere(url: str) -> None:
    """Only this machine's loopback address is loaded."""
    with pytest.raises(LoadTestError, match=r"load is sent to http://127\.0\.0\.1:PORT only\.$"):
        measure("fastapi-svc", profile="smoke", environment={"FASTAPI_URL": url})


def test_names_what_is_missing_or_wrong() -> None:
    """No token, or a profile that does not exist, is one sentence."""
    with pytest.raises(LoadTestError, match="TOKEN is not set"):
        measure("gateway", profile="smoke", environment={})
    with pytest.raises(LoadTestError, match="set it to one of smoke, latency"):
        measure("triton", profile="fierce", environment={})


def test_the_texts_are_many_different_and_within_the_contract() -> None:
    """About sixty, all different, short and long, none beyond what the services accept."""
    assert len(TEXTS) == len(set(TEXTS)) >= 60
    assert all(0 < len(text) <= 10_000 for text in TEXTS)
    assert max(map(len, TEXTS)) > 5 * min(map(len, TEXTS))
