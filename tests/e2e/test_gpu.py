"""The manifests that ask for a GPU schedule where one is advertised."""

import pytest

from tests.e2e.api import Api, pods
from tests.e2e.conftest import own_node

pytestmark = [pytest.mark.e2e, own_node]

GPU = "nvidia.com/gpu"


def test_triton_runs_with_its_request_for_a_gpu(api: Api) -> None:
    """As on a GPU node: request and limit of one, the label of such nodes, the toleration of their taint."""
    [pod] = pods(api, "inference", "triton")
    [server] = [container for container in pod["spec"]["containers"] if container["name"] == "triton"]
    assert server["resources"]["limits"][GPU] == server["resources"]["requests"][GPU] == "1"
    assert pod["spec"]["nodeSelector"] == {"nvidia.com/gpu.present": "true"}
    assert [t["effect"] for t in pod["spec"]["tolerations"] if t["key"] == GPU] == ["NoSchedule"]
    node = api.get(f"/api/v1/nodes/{pod['spec']['nodeName']}")
    assert int(node["status"]["allocatable"][GPU]) >= 1


@pytest.mark.parametrize("name", ["nvidia-device-plugin", "dcgm-exporter"])
def test_the_agents_of_gpu_nodes_are_admitted_and_want_no_node_of_another_pool(api: Api, name: str) -> None:
    """The API server took the DaemonSets; without a node of the GPU pool they have nothing to run on."""
    agent = api.get(f"/apis/apps/v1/namespaces/system/daemonsets/{name}")
    assert agent["status"]["desiredNumberScheduled"] == 0
