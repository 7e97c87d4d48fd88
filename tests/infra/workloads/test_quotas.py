"""Quotas and limits: they never refuse what the program makes, and bound everything else."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from infra.config_auth import Caller
from infra.config_types import NodeCounts, Workloads
from infra.workloads.namespaces import SPACES
from infra.workloads.quotas import QuotasArgs, Room, rooms
from loadtests.targets.job import manifests as job_manifests
from tests.infra.conftest import Program, run_program, stack_values

NAMES = tuple(space.name for space in SPACES)
Resources = Counter[str]
UNITS = {"m": 1, "": 1000, "Mi": 1, "Gi": 1024}
NODES_MADE_AND_REPLACED = 7
"""A pool of at most one node, while EKS replaces it in three zones."""


def size(**changed: int) -> dict[str, int]:
    """One workload's size as the stack's file has it."""
    return {"replicas": 1, "cpuMillis": 200, "cpuLimitMillis": 500, "memoryMib": 256, **changed}


def room(namespace: str, *, gpus: int = 0, nodes: int = 1, **changed: dict[str, int]) -> Room:
    """The room of one namespace for these sizes."""
    sizes = {"gateway": size(), "fastapi-svc": size(), "triton": size(), **changed}
    counts = NodeCounts(min=0, desired=0, max=nodes)
    return rooms(QuotasArgs(Workloads.model_validate(sizes), counts, gpus_per_triton=gpus))[namespace]


def amount(quantity: str) -> int:
    """CPU in thousandths, memory in MiB."""
    number = quantity.rstrip("miGM")
    return int(number) * UNITS[quantity.removeprefix(number)]


def of_container(container: dict[str, Any]) -> Resources:
    """Requests and limits as a quota counts them."""
    found: Resources = Counter()
    for kind in ("requests", "limits"):
        for name, quantity in container["resources"][kind].items():
            found[f"{kind}.{name}"] += amount(quantity) if name in ("cpu", "memory") else int(quantity)
    return found


def of_pod(pod: dict[str, Any]) -> Resources:
    """As Kubernetes counts it: init containers run one at a time, each beside the sidecars that were started before it.

    https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers
    """
    sidecars: Resources = Counter()
    peak: Resources = Counter()
    for container in pod.get("initContainers", []):
        if container.get("restartPolicy") == "Always":
            sidecars += of_container(container)
            peak |= sidecars
        else:
            peak |= sidecars + of_container(container)
    running = sidecars
    for container in pod["containers"]:
        running = running + of_container(container)
    return peak | running


def used(program: Program, namespace: str, *, gpu_nodes: int) -> Resources:
    """The most that the program's own workloads take at once: every replica that load brings, and one more."""
    most = {
        each.inputs["metadata"]["name"]: each.inputs["spec"]["maxReplicas"]
        for each in program.of("HorizontalPodAutoscaler")
    }
    total: Resources = Counter()
    for kind in ("Deployment", "DaemonSet"):
        for each in program.of(kind):
            if each.inputs["metadata"]["namespace"] == namespace:
                spec = each.inputs["spec"]
                pods = most.get(each.name, spec.get("replicas", 1)) + 1 if kind == "Deployment" else gpu_nodes
                total["pods"] += pods
                for name, number in of_pod(spec["template"]["spec"]).items():
                    total[name] += pods * number
    return total


def hard(program: Program, namespace: str) -> dict[str, str]:
    """A namespace's quota."""
    found: dict[str, str] = program.only("ResourceQuota", f"{namespace}-quota")["spec"]["hard"]
    return found


def limits(program: Program, namespace: str) -> dict[str, Any]:
    """What a namespace's containers are held to."""
    (found,) = program.only("LimitRange", f"{namespace}-limits")["spec"]["limits"]
    assert isinstance(found, dict)
    return found


def templates(program: Program, namespace: str) -> Iterator[dict[str, Any]]:
    """The pods of a namespace."""
    for kind in ("Deployment", "DaemonSet"):
        for each in program.of(kind):
            if each.inputs["metadata"]["namespace"] == namespace:
                yield each.inputs["spec"]["template"]["spec"]


@pytest.fixture(scope="module")
def tiny(model: Path) -> Program:
    """The smallest workloads that the configuration takes: init containers are then larger than what they start."""
    smallest = size(cpuMillis=50, cpuLimitMillis=50, memoryMib=128, maxReplicas=3)
    sizes = dict.fromkeys(("gateway", "fastapi-svc", "triton"), smallest)
    return run_program({**stack_values("dev", model), "inference:workloads": sizes}, stack="dev")


@pytest.fixture(params=["dev", "prod", "tiny"])
def stack(request: pytest.FixtureRequest) -> Program:
    """Stacks of different sizes."""
    found: Program = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("namespace", NAMES)
def test_the_programs_own_pods_fit(stack: Program, namespace: str) -> None:
    """Every replica that load brings, with a surge pod, init containers and sidecars; GPUs, too."""
    (pool,) = [each.inputs for each in stack.of("NodeGroup") if each.inputs["labels"]["inference/node-pool"] == "gpu"]
    quota = hard(stack, namespace)
    for name, number in used(stack, namespace, gpu_nodes=pool["scalingConfig"]["maxSize"]).items():
        if name in quota:
            allowed = amount(quota[name]) if name.endswith(("cpu", "memory")) else int(quota[name])
            assert number <= allowed, name
        else:
            assert name == "limits.nvidia.com/gpu"  # equal to the request, which the quota counts


@pytest.mark.parametrize("namespace", NAMES)
def test_every_container_of_the_program_is_within_the_limits(stack: Program, namespace: str) -> None:
    """The largest container of a namespace is no larger than one may be."""
    largest = limits(stack, namespace)["max"]
    for pod in templates(stack, namespace):
        for container in (*pod["containers"], *pod.get("initContainers", [])):
            for name, quantity in largest.items():
                assert amount(container["resources"]["limits"][name]) <= amount(quantity), container["name"]


@pytest.mark.parametrize("namespace", NAMES)
def test_the_programs_own_objects_fit_while_they_are_replaced(stack: Program, namespace: str) -> None:
    """ConfigMaps and the Secrets of certificates, each beside its successor, and Kubernetes' own ConfigMap."""
    quota = hard(stack, namespace)

    def made(kind: str) -> int:
        return sum(each.inputs["metadata"].get("namespace") == namespace for each in stack.of(kind))

    assert 2 * made("ConfigMap") + 1 <= int(quota["configmaps"])
    assert 2 * made("Certificate") == int(quota["secrets"])
    ports = [
        port
        for each in stack.of("Service")
        if each.inputs["metadata"]["namespace"] == namespace
        for port in each.inputs["spec"]["ports"]
        if "nodePort" in port
    ]
    assert len(ports) == int(quota["services.nodeports"])


def test_nothing_is_without_bound(stack: Program) -> None:
    """Every namespace has both; no load balancer and no volume of anybody's; only the gateway is at a port of the nodes."""
    for namespace in NAMES:
        quota, held = hard(stack, namespace), limits(stack, namespace)
        assert quota["services.loadbalancers"] == quota["persistentvolumeclaims"] == "0"
        assert quota["services.nodeports"] == ("1" if namespace == "gateway" else "0")
        assert {"pods", "limits.cpu", "limits.memory", "requests.cpu", "requests.memory"} <= set(quota)
        for name in ("cpu", "memory"):
            assert (
                0 < amount(held["defaultRequest"][name]) <= amount(held["default"][name]) <= amount(held["max"][name])
            )


def test_the_job_that_loads_the_gateway_fits() -> None:
    """In a namespace that has room for it alone, and for the next one's pod while the last one's goes."""
    caller = Caller(service="loadtest", namespace="loadtest", scopes=("classify",))
    sizes = Workloads.model_validate(dict.fromkeys(("gateway", "fastapi-svc", "triton"), size()))
    arguments = QuotasArgs(sizes, NodeCounts(min=0, desired=0, max=1), gpus_per_triton=0)
    assert set(rooms(arguments)) == set(NAMES)
    held = rooms(replace(arguments, callers=(caller,)))["loadtest"]
    scripts, job = job_manifests("registry.example/k6@sha256:" + 64 * "a", {})["items"]
    used = of_pod(job["spec"]["template"]["spec"])
    assert all(2 * number <= amount(held.hard()[name]) for name, number in used.items())
    assert amount(held.largest()["cpu"]) == used["limits.cpu"]
    assert scripts["kind"] == "ConfigMap"
    assert int(held.hard()["configmaps"]) == 3


def test_gpus_are_tritons_alone() -> None:
    """As many as its pods can be, and none anywhere else or where it computes on the CPU."""
    on_gpu = {name: room(name, gpus=1, triton=size(maxReplicas=2)).hard() for name in NAMES}
    assert {name: quota["requests.nvidia.com/gpu"] for name, quota in on_gpu.items()} == {
        "gateway": "0",
        "inference": "5",
        "observability": "0",
        "system": "0",
        "audit": "0",
    }
    assert room("inference").hard()["requests.nvidia.com/gpu"] == "0"


def test_room_grows_with_what_load_may_bring() -> None:
    """Replicas that are going, their successors and one more, of as many as the autoscaler may make."""
    assert room("gateway").hard()["pods"] == "3"
    assert room("gateway", gateway=size(maxReplicas=4)).hard()["pods"] == "9"


def test_room_for_gpu_nodes_grows_with_their_number() -> None:
    """Two DaemonSets, on every node of the pool and on those that EKS adds while it replaces them."""
    assert int(room("system").hard()["pods"]) >= 2 * NODES_MADE_AND_REPLACED
    assert int(room("system", nodes=10).hard()["pods"]) - int(room("system", nodes=9).hard()["pods"]) == 4
