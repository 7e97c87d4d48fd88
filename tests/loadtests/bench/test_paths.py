"""How each path is started and asked."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from loadtests.bench import paths
from loadtests.bench.paths import Http, Server, Setting
from loadtests.measure import LoadTestError

TEXTS = ["Zürich was kind", "bad"]


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    return Setting(model=tmp_path / "model", threads=2, folder=tmp_path, max_batch=16, delay_us=500, peer_delay_us=700)


def body(request: bytes) -> object:
    """What a request posts; its length is the one that it says."""
    head, _, content = request.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(content)}".encode() in head.split(b"\r\n")
    return json.loads(content)


@pytest.mark.parametrize("naive", [True, False])
def test_fastapi_svc_is_told_the_settings_that_all_have(setting: Setting, naive: bool) -> None:
    """The naive baseline differs in one of them only."""
    server = paths.fastapi_svc(setting, 8080, TEXTS, naive=naive)
    told = {name.removeprefix("FASTAPI_SVC_"): value for name, value in server.environment.items()}
    assert (told["THREADS"], told["MAX_BATCH"], told["BATCH_DELAY_US"], told["PORT"]) == ("2", "16", "500", "8080")
    assert told["MICRO_BATCHING"] == str(not naive)
    assert [body(request) for request in server.caller.requests] == [{"text": text} for text in TEXTS]


def test_triton_listens_for_the_protocol_that_is_measured_only(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And on loopback."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").touch()
    monkeypatch.setattr(paths, "TRITON", tmp_path)
    monkeypatch.setattr(paths, "backends", lambda folder: folder)
    http = paths.triton(setting, 8080, TEXTS, over_grpc=False)
    assert {"--allow-grpc=false", "--http-port=8080", "--http-address=127.0.0.1"} <= set(http.command)
    assert http.environment == {"MODEL_THREADS": "2"}
    assert body(http.caller.requests[0]) == {
        "inputs": [{"name": "TEXT", "datatype": "BYTES", "shape": [1, 1], "data": [TEXTS[0]]}],
        "outputs": [{"name": "LOGITS"}, {"name": "MODEL_VERSION"}],
    }
    grpc = paths.triton(setting, 8080, TEXTS, over_grpc=True)
    assert {"--allow-http=false", "--grpc-port=8080", "--grpc-address=127.0.0.1"} <= set(grpc.command)
    assert TEXTS[0].encode() in grpc.caller.requests[0]


@pytest.mark.parametrize("make", [paths.bentoml, paths.litserve, paths.ray_serve])
def test_a_peer_is_told_the_same_batches_and_sends_nothing_home(
    setting: Setting, make: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Model, threads and largest batch are ours; the delay is the peers' own."""
    monkeypatch.setattr(paths, "_python", str)
    told = make(setting, 8080, TEXTS).environment
    assert told["PEER_MODEL_DIR"] == str(setting.version)
    assert (told["PEER_THREADS"], told["PEER_MAX_BATCH"], told["PEER_DELAY_US"]) == ("2", "16", "700")
    assert told["PEER_LENGTH_AWARE"] == "0"
    assert make(setting, 8080, TEXTS, lent=True).environment["PEER_LENGTH_AWARE"] == "1"
    assert (told["RAY_USAGE_STATS_ENABLED"], told["BENTOML_DO_NOT_TRACK"]) == ("0", "True")


def test_a_peer_that_is_not_installed_is_one_sentence(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says what to do."""
    monkeypatch.setattr(paths, "REPO", tmp_path)
    with pytest.raises(LoadTestError, match=r"\.venv-peer-litserve is missing: run `make bench`"):
        paths.litserve(setting, 8080, TEXTS)


def test_http_asks_on_a_connection_for_each_client() -> None:
    """An Http caller is made of its bodies alone: nothing connects before it is asked to."""
    caller = Http("path", 1, "/predict", [{"text": "a"}])
    assert caller.requests[0].startswith(b"POST /predict HTTP/1.1\r\n")
