"""A round of a path, with the real service and a model of a few words."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from loadtests.bench import paths
from loadtests.bench.paths import Http, Server, Setting
from loadtests.bench.serving_run import Load, measure, measure_raw
from loadtests.measure import LoadTestError
from tests.services.fastapi_svc.conftest import write_model

LOAD = Load(one=["good", "bad"], many=["good ward", "bad"] * 20, clients=4)
CORES = sorted(os.sched_getaffinity(0))[:1]


@pytest.fixture
def setting(tmp_path: Path) -> Setting:
    write_model(tmp_path / "model")
    return Setting(model=tmp_path / "model", threads=1, folder=tmp_path)


def test_a_path_is_started_asked_and_measured(setting: Setting) -> None:
    """Each text of one client has a latency, and each of many."""
    found = asyncio.run(measure("fastapi-svc", paths.fastapi_svc, setting, LOAD, CORES))
    assert (len(found.one_client_s), len(found.many_s), found.requests) == (2, 40, 40)
    assert min(found.one_client_s) > 0
    assert found.per_s > 0
    assert found.resident > 10 * 1024 * 1024


def test_raw_takes_the_same_texts_without_a_server(setting: Setting) -> None:
    """One at a time, and in batches; nobody calls it."""
    found = measure_raw(setting, LOAD, CORES)
    assert (len(found.one_client_s), found.many_s, found.requests, found.caller_cpu_s) == (2, [], 40, 0)
    assert found.per_s > 0


def test_a_model_that_raw_cannot_load_is_one_sentence(setting: Setting) -> None:
    """What was wrong with it, the process itself has said."""
    (setting.version / "model.onnx").write_bytes(b"no model")
    with pytest.raises(LoadTestError, match="ONNX Runtime by itself failed"):
        measure_raw(setting, LOAD, CORES)


def test_a_server_that_ends_is_not_waited_for(setting: Setting) -> None:
    """The sentence says where to look."""

    def broken(_: Setting, port: int, texts: Sequence[str]) -> Server:
        caller = Http("broken", port, "/", [{"text": text} for text in texts])
        return Server(command=[sys.executable, "-c", ""], caller=caller)

    with pytest.raises(LoadTestError, match="broken gave no good answer: run this with --keep"):
        asyncio.run(measure("broken", broken, setting, LOAD, CORES))
