"""One workload as the cluster runs it: how many pods, where, and how they come and go."""

from typing import Any

import pytest

from infra.config_types import WorkloadSize
from infra.workloads import gateway, priorities
from infra.workloads.autoscaler import CPU_TARGET_PERCENT
from infra.workloads.inference_service import InferenceService, InferenceServiceArgs
from infra.workloads.pod import Probes
from tests.infra.components import Component, run_component
from tests.infra.conftest import Program

WORKLOADS = {
    "gateway": priorities.GATEWAY,
    "triton": priorities.SERVING,
    "fastapi-svc": priorities.COMPARISON,
}


def service(*, gpus: int = 0, **size: int) -> Component:
    """A service by itself."""
    given = {"replicas": 2, "cpuMillis": 500, "cpuLimitMillis": 1000, "memoryMib": 512, **size}

    def build() -> None:
        args = InferenceServiceArgs(
            namespace="inference",
            component="inference-server",
            priority_class=priorities.SERVING,
            image="registry/image@sha256:0",
            size=WorkloadSize.model_validate(given),
            ports={"http": 8000},
            probes=Probes(port="http", live="/live", ready="/ready", start="/ready"),
            gpus=gpus,
        )
        InferenceService("service", args)

    return run_component(build)


@pytest.fixture(scope="module")
def made() -> Component:
    """A service of two pods that may become five."""
    return service(maxReplicas=5)


def pod(found: Component) -> dict[str, Any]:
    spec: dict[str, Any] = found.only("Deployment")["spec"]["template"]["spec"]
    return spec


def test_the_number_of_pods_is_the_autoscalers(made: Component) -> None:
    """The Deployment states none, so that an update of the program keeps what load brought."""
    assert "replicas" not in made.only("Deployment")["spec"]
    scaler = made.only("HorizontalPodAutoscaler")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 5)
    assert scaler["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "service"}


def test_a_workload_that_names_no_maximum_keeps_its_number() -> None:
    """There is an autoscaler all the same, and it holds the pods at `replicas`."""
    scaler = service().only("HorizontalPodAutoscaler")["spec"]
    assert (scaler["minReplicas"], scaler["maxReplicas"]) == (2, 2)


def test_it_is_measured_at_its_own_container(made: Component) -> None:
    """CPU use of the server, in relation to its request: an idle sidecar does not hide that it is busy."""
    (metric,) = made.only("HorizontalPodAutoscaler")["spec"]["metrics"]
    target = {"type": "Utilization", "averageUtilization": CPU_TARGET_PERCENT}
    assert metric["containerResource"] == {"name": "cpu", "container": "service", "target": target}
    (container,) = pod(made)["containers"]
    assert container["name"] == "service"
    assert container["resources"]["requests"]["cpu"] == "500m"


def test_it_grows_at_once_and_shrinks_slowly(made: Component) -> None:
    """Up without waiting; down after five quiet minutes, one pod a minute."""
    behavior = made.only("HorizontalPodAutoscaler")["spec"]["behavior"]
    assert behavior["scaleUp"]["stabilizationWindowSeconds"] == 0
    assert behavior["scaleDown"]["stabilizationWindowSeconds"] == 300
    assert behavior["scaleDown"]["policies"] == [{"type": "Pods", "value": 1, "periodSeconds": 60}]


def test_a_gpu_is_asked_for_wherever_there_is_one() -> None:
    """A pod with a GPU selects nodes that have one, past their taint; one without stays in the system pool."""
    assert pod(service(gpus=1))["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert [each["key"] for each in pod(service(gpus=1))["tolerations"]] == ["nvidia.com/gpu"]
    assert pod(service())["nodeSelector"] == {"inference/node-pool": "system"}


def test_versions_spread_by_themselves(made: Component) -> None:
    """Over zones and nodes, without counting the pods of another version."""
    spread = pod(made)["topologySpreadConstraints"]
    assert [each["topologyKey"] for each in spread] == ["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
    assert all(each["matchLabelKeys"] == ["pod-template-hash"] for each in spread)


def test_a_broken_pod_keeps_no_node(made: Component) -> None:
    """A drain takes one pod at a time, and one that is not ready always."""
    budget = made.only("PodDisruptionBudget")["spec"]
    assert (budget["maxUnavailable"], budget["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def test_a_rollout_that_stands_still_is_told_by_kubernetes(made: Component) -> None:
    """The deadline leaves time for the slowest start and ends before the program's own patience of 15 minutes."""
    assert gateway.START_TIMEOUT_S < made.only("Deployment")["spec"]["progressDeadlineSeconds"] < 15 * 60


@pytest.mark.parametrize("workload", WORKLOADS)
def test_each_workload_has_its_priority(prod: Program, workload: str) -> None:
    """The gateway comes first, then Triton, and the comparison last."""
    spec = prod.only("Deployment", workload)["spec"]["template"]["spec"]
    assert spec["priorityClassName"] == WORKLOADS[workload]


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_container_that_fails_says_why(prod: Program, workload: str) -> None:
    """The end of its log is its termination message, in init containers too."""
    spec = prod.only("Deployment", workload)["spec"]["template"]["spec"]
    for container in (*spec["containers"], *spec.get("initContainers", ())):
        assert container["terminationMessagePolicy"] == "FallbackToLogsOnError", container["name"]


@pytest.mark.parametrize("workload", ["triton", "fastapi-svc"])
def test_a_pod_says_why_it_holds_a_token(prod: Program, workload: str) -> None:
    """Admission asks pods that project a service-account token for the reason."""
    metadata = prod.only("Deployment", workload)["spec"]["template"]["metadata"]
    assert "fetch-and-verify-model" in metadata["annotations"]["inference/service-account-token"]
    gateway_metadata = prod.only("Deployment", "gateway")["spec"]["template"]["metadata"]
    assert "inference/service-account-token" not in gateway_metadata.get("annotations", {})
