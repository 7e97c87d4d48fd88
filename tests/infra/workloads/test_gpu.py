"""What GPU nodes run: as little of the node as it needs, and GPUs shared as configured."""

import csv
from typing import Any

import pytest
import yaml
from pydantic import TypeAdapter

from infra.config_types import GpuSharing
from infra.nodepools import GPU_TAINT, POOL_LABEL
from infra.registry import ImageRepositories, ImageRepositoriesArgs
from infra.workloads.admission.host import HOST_PATHS
from infra.workloads.gpu import GpuAgents, GpuAgentsArgs
from infra.workloads.gpu.dcgm_exporter import COUNTERS
from tests.infra.components import Component, context, run_component

PLUGIN, EXPORTER = "nvidia-device-plugin", "dcgm-exporter"
SLICED = {"strategy": "time-slicing", "replicas": 4}
PARTITIONED = {"strategy": "mig", "migStrategy": "single"}
REQUIRED_LABELS = {
    "app.kubernetes.io/name",
    "app.kubernetes.io/component",
    "app.kubernetes.io/part-of",
    "app.kubernetes.io/managed-by",
}


def agents(sharing: dict[str, Any] | None = None) -> Component:
    """The component by itself."""
    parsed = TypeAdapter[GpuSharing | None](GpuSharing | None).validate_python(sharing)

    def build() -> None:
        images = ImageRepositories("images", ImageRepositoriesArgs(context(), key_arn="key"))
        GpuAgents("gpu-agents", GpuAgentsArgs(images, parsed))

    return run_component(build)


@pytest.fixture(scope="module")
def made() -> Component:
    """With GPUs that are not shared."""
    return agents()


def pod(found: Component, name: str) -> dict[str, Any]:
    spec: dict[str, Any] = found.only("DaemonSet", name)["spec"]["template"]["spec"]
    return spec


def container(found: Component, name: str) -> dict[str, Any]:
    (only,) = pod(found, name)["containers"]
    return dict(only)


def plugin_file(found: Component) -> dict[str, Any]:
    file: dict[str, Any] = yaml.safe_load(found.only("ConfigMap", PLUGIN)["data"]["config.yaml"])
    return file


def variables(found: Component, name: str) -> dict[str, str]:
    return {each["name"]: each["value"] for each in container(found, name)["env"] if "value" in each}


@pytest.mark.parametrize("name", [PLUGIN, EXPORTER])
def test_they_run_on_the_gpu_pool_and_before_everything_else(made: Component, name: str) -> None:
    """On nodes of the pool, past its taint, with the priority of what a node cannot do without."""
    spec = pod(made, name)
    assert spec["nodeSelector"] == {POOL_LABEL: "gpu"}
    assert [(each["key"], each["effect"]) for each in spec["tolerations"]] == [(GPU_TAINT, "NoSchedule")]
    assert spec["priorityClassName"] == "system-node-critical"


@pytest.mark.parametrize("name", [PLUGIN, EXPORTER])
def test_they_see_one_folder_of_the_node(made: Component, name: str) -> None:
    """The folder is the one that admission lets them have, with the same access, and nothing else is the node's."""
    spec = pod(made, name)
    assert not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC"))
    (volume,) = [each for each in spec["volumes"] if "hostPath" in each]
    (mount,) = [each for each in container(made, name)["volumeMounts"] if each["name"] == volume["name"]]
    assert {(volume["hostPath"]["path"], not mount.get("readOnly"))} == {
        (each.path, each.writable) for each in HOST_PATHS if each.app == name
    }


@pytest.mark.parametrize("name", [PLUGIN, EXPORTER])
def test_they_are_root_without_roots_powers(made: Component, name: str) -> None:
    """No capability, no escalation, nothing to write on, the runtime's seccomp profile, no token."""
    assert container(made, name)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": False,
        "runAsUser": 0,
        "runAsGroup": 0,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert pod(made, name)["automountServiceAccountToken"] is False
    assert made.only("ServiceAccount", name)["automountServiceAccountToken"] is False


@pytest.mark.parametrize("name", [PLUGIN, EXPORTER])
def test_they_are_copies_by_digest_within_limits(made: Component, name: str) -> None:
    """The image is the account's copy, by digest, and memory is never overcommitted."""
    registry, _, rest = container(made, name)["image"].partition("/")
    assert registry.endswith(".amazonaws.com")
    assert "@sha256:" in rest
    resources = container(made, name)["resources"]
    assert resources["requests"]["memory"] == resources["limits"]["memory"]
    assert {"cpu", "memory"} == set(resources["limits"])


@pytest.mark.parametrize("kind", ["DaemonSet", "ServiceAccount", "ConfigMap", "NetworkPolicy"])
def test_everything_is_in_system_and_says_whose_it_is(made: Component, kind: str) -> None:
    """The namespace is `system`; objects and pods carry the labels that admission asks for."""
    for each in made.of(kind):
        assert each.inputs["metadata"]["namespace"] == "system"
        assert set(each.inputs["metadata"]["labels"]) >= REQUIRED_LABELS
    for each in made.of("DaemonSet"):
        assert set(each.inputs["spec"]["template"]["metadata"]["labels"]) >= REQUIRED_LABELS


def test_only_observability_asks_only_the_exporter(made: Component) -> None:
    """The plugin has no connection at all; the exporter is asked at its one port, and asks nobody."""
    policies = {name: made.only("NetworkPolicy", name)["spec"] for name in (PLUGIN, EXPORTER)}
    assert all(each["policyTypes"] == ["Ingress", "Egress"] and not each["egress"] for each in policies.values())
    assert policies[PLUGIN]["ingress"] == []
    (rule,) = policies[EXPORTER]["ingress"]
    assert rule == {
        "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observability"}}}],
        "ports": [{"port": 9400, "protocol": "TCP"}],
    }
    assert container(made, EXPORTER)["ports"] == [{"name": "metrics", "containerPort": 9400}]
    for name in (PLUGIN, EXPORTER):
        assert name in made.waits_for(name)


def test_no_counter_needs_more_than_the_exporter_has(made: Component) -> None:
    """Profiling fields take CAP_SYS_ADMIN; every line is a field, a type and a help text."""
    rows = [row for row in csv.reader(COUNTERS.read_text().splitlines()) if not row[0].startswith("#")]
    assert len(rows) > 10
    for name, kind, text in rows:
        assert name.startswith("DCGM_FI_DEV_")
        assert kind.strip() in ("gauge", "counter")
        assert text.strip()
    mounted = {each["mountPath"] for each in container(made, EXPORTER)["volumeMounts"]}
    (collectors,) = [each for each in container(made, EXPORTER)["command"] if each.startswith("--collectors=")]
    assert collectors.removeprefix("--collectors=").rpartition("/")[0] in mounted


def test_an_unshared_gpu_is_one_pods(made: Component) -> None:
    """Nothing is sliced or partitioned, and a node whose GPUs fail says so."""
    assert plugin_file(made) == {"version": "v1", "flags": {"migStrategy": "none", "failOnInitError": True}}
    assert variables(made, PLUGIN)["NVIDIA_VISIBLE_DEVICES"] == "all"


def test_time_slicing_gives_several_pods_a_turn() -> None:
    """The plugin offers each GPU several times, once to a pod, and the exporter names every pod that shares one."""
    found = agents(SLICED)
    assert plugin_file(found)["sharing"]["timeSlicing"] == {
        "failRequestsGreaterThanOne": True,
        "resources": [{"name": "nvidia.com/gpu", "replicas": 4}],
    }
    assert "--kubernetes-virtual-gpus" in container(found, EXPORTER)["command"]
    assert container(found, PLUGIN)["securityContext"]["capabilities"] == {"drop": ["ALL"]}


def test_partitions_are_seen_with_the_one_capability_that_shows_them() -> None:
    """Only with MIG the plugin may administer, as NVIDIA's runtime asks; the exporter never may."""
    found = agents(PARTITIONED)
    assert plugin_file(found)["flags"]["migStrategy"] == "single"
    assert variables(found, PLUGIN)["NVIDIA_MIG_MONITOR_DEVICES"] == "all"
    assert container(found, PLUGIN)["securityContext"]["capabilities"] == {"drop": ["ALL"], "add": ["SYS_ADMIN"]}
    assert container(found, EXPORTER)["securityContext"]["capabilities"] == {"drop": ["ALL"]}
