"""The autoscalers see what the pods use, and act on it."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.e2e.api import Api, pods
from tests.e2e.load import Load
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e

_SCALERS = "/apis/autoscaling/v2/namespaces/{}/horizontalpodautoscalers/{}"


@pytest.mark.parametrize(
    ("namespace", "name"), [("gateway", "gateway"), ("inference", "triton"), ("inference", "fastapi-svc")]
)
def test_an_autoscaler_measures_the_use_of_its_pods(api: Api, namespace: str, name: str) -> None:
    """metrics-server answers, and the CPU use of the pods is related to their request."""

    def measured() -> bool:
        status = api.get(_SCALERS.format(namespace, name)).get("status", {})
        active = [c["status"] for c in status.get("conditions", []) if c["type"] == "ScalingActive"]
        return active == ["True"] and bool(status.get("currentMetrics"))

    until(measured, f"a measurement of {name}")


def test_a_busy_gateway_gets_a_second_pod_and_no_request_is_lost(api: Api, make_load: Callable[[], Load]) -> None:
    """With room for two and a low target, load brings another pod; afterwards there is one again."""
    path = _SCALERS.format("gateway", "gateway")
    before = api.get(path)["spec"]
    target = {"type": "Utilization", "averageUtilization": 5}
    metric = {"type": "Resource", "resource": {"name": "cpu", "target": target}}
    with make_load() as load:
        api.patch(path, {"spec": {"maxReplicas": 2, "metrics": [metric]}})
        try:
            until(lambda: _ready(api) == 2, "a second gateway", timeout_s=150)
        finally:
            quick = {"scaleDown": {**before["behavior"]["scaleDown"], "stabilizationWindowSeconds": 0}}
            api.patch(path, {"spec": {**before, "behavior": {**before["behavior"], **quick}}})
            until(lambda: len(pods(api, "gateway", "gateway")) == 1, "one gateway again", timeout_s=150)
            api.patch(path, {"spec": before})
    assert not load.failures()
    assert not load.wrong()


def _ready(api: Api) -> int:
    deployment: dict[str, Any] = api.get("/apis/apps/v1/namespaces/gateway/deployments/gateway")
    return int(deployment["status"].get("readyReplicas", 0))
