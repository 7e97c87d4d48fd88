"""A stack in a cluster, seen from its node."""

import base64
import json
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from loadtests.targets import NOTHING, Batches, read_batches
from loadtests.targets.stack import Stack, pod_use

METRICS = """# HELP nv_inference_count Number of inferences performed (does not include cached requests)
# TYPE nv_inference_count counter
nv_inference_count{model="sentiment",version="1"} 96
nv_inference_count{model="sentiment",version="2"} 4
# TYPE nv_inference_exec_count counter
nv_inference_exec_count{model="sentiment",version="1"} 9
nv_inference_exec_count{model="sentiment",version="2"} 1
nv_energy_consumption 2.5
"""
PODS = {
    "items": [
        {"metadata": {"name": "triton-1", "uid": "a-b", "labels": {"app.kubernetes.io/name": "triton"}}},
        {"metadata": {"name": "other", "uid": "c-d", "labels": {}}},
    ]
}
SECRET = {"data": {name: base64.b64encode(name.encode()).decode() for name in ("ca.crt", "tls.crt", "tls.key")}}


def kubectl(folder: Path, answers: Mapping[str, str]) -> dict[str, str]:
    """A kubectl that answers where its arguments contain a key, and fails for all else."""
    cases = "".join(f"  *'{key}'*) cat <<'END'\n{answer}\nEND\n;;\n" for key, answer in answers.items())
    program = folder / "kubectl"
    program.write_text(f'#!/bin/sh\ncase "$*" in\n{cases}  *) exit 1 ;;\nesac\n')
    program.chmod(0o755)
    return {"KUBECTL": str(program), "KUBECONFIG": "none", "TOKEN": "a.b.c", "PATH": "/usr/bin:/bin"}


def test_reads_batches_from_tritons_metrics() -> None:
    """Over all versions of the model."""
    assert read_batches(METRICS) == Batches(100, 10)
    assert read_batches("") == Batches(0, 0)


def test_triton_over_grpc_is_measured_by_who_may_read_the_gateways_certificate(tmp_path: Path) -> None:
    """It is written to files of its own, which nobody else reads."""
    environment = kubectl(tmp_path, {"get secret -n gateway gateway-tls": json.dumps(SECRET)})
    stack = Stack(tmp_path, environment)
    assert stack.paths == ("fastapi-svc", "triton", "triton-grpc", "gateway")
    key = Path(stack.environment("triton-grpc")["TRITON_KEY"])
    assert key.read_text() == "tls.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_nobody_else_measures_it(tmp_path: Path) -> None:
    """The other paths are measured all the same."""
    assert Stack(tmp_path, kubectl(tmp_path, {})).paths == ("fastapi-svc", "triton", "gateway")


def test_batches_are_those_of_all_pods(tmp_path: Path) -> None:
    """None where one of them cannot be asked."""
    pods = {"get pods -n inference": json.dumps(PODS)}
    page = {"pods/triton-1:8002/proxy/metrics": METRICS}
    assert Stack(tmp_path, kubectl(tmp_path, pods | page)).batches() is None
    both = {**pods, **page, "pods/other:8002/proxy/metrics": METRICS}
    assert Stack(tmp_path, kubectl(tmp_path, both)).batches() == Batches(200, 20)


def test_without_a_cluster_to_ask_nothing_is_seen(tmp_path: Path) -> None:
    """Load can be sent all the same."""
    stack = Stack(tmp_path, {"TOKEN": "a.b.c"})
    assert stack.use() == NOTHING
    assert stack.batches() is None
    assert stack.environment("gateway")["TOKEN"] == "a.b.c"


@pytest.mark.parametrize(
    ("folder", "files"),
    [
        ("kube/burstable/poda-b", {"cpu.stat": "usage_usec 2500000\nuser_usec 1\n", "memory.current": "1048576"}),
        (
            "kubepods.slice/kubepods-burstable.slice/kubepods-burstable-poda_b.slice",
            {"cpu.stat": "usage_usec 2500000\n", "memory.current": "1048576"},
        ),
        ("kube/poda-b", {"cpuacct.usage": "2500000000", "memory.usage_in_bytes": "1048576"}),
    ],
)
def test_what_a_pod_uses_is_read_from_its_cgroup(tmp_path: Path, folder: str, files: Mapping[str, str]) -> None:
    """Of either version and either driver."""
    (tmp_path / folder).mkdir(parents=True)
    for name, content in files.items():
        (tmp_path / folder / name).write_text(content)
    assert pod_use("a-b", [tmp_path]) == (2.5, 1.0)
    assert pod_use("c-d", [tmp_path]) is None
