"""What a user sees when a part is missing, and that doing it again changes nothing."""

import json
import os
import signal
from collections.abc import Callable, Iterator

import pytest

from local.node.addresses import NODE_NAME
from local.node.layout import Layout
from local.paths import STATE
from local.processes import Process
from tests.e2e.api import Api, pods
from tests.e2e.audit_lines import AuditLines
from tests.e2e.conftest import Kubectl, local, local_node, own_node
from tests.e2e.load import Load
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e


def test_a_killed_triton_costs_no_wrong_answer_and_no_record(
    kubectl: Kubectl, make_load: Callable[[], Load], audit_lines: AuditLines
) -> None:
    """Killed under load: until another one is ready callers get 503, and whatever they get is on record."""
    with make_load() as load:
        load.await_answers(20)
        kubectl(
            "delete", "pod", "-n", "inference", "-l", "app.kubernetes.io/name=triton", "--grace-period=0", "--force"
        )
        until(lambda: load.statuses()[503], "an answer without Triton")
        load.await_answers(40, timeout_s=170)
    assert set(load.statuses()) == {200, 503}
    assert not load.wrong()
    audit_lines.await_each({str(answer.request_id) for answer in load.answers})


@pytest.fixture
def two_gateways(api: Api, kubectl: Kubectl) -> Iterator[None]:
    """A second gateway beside the first."""
    path = "/apis/autoscaling/v2/namespaces/gateway/horizontalpodautoscalers/gateway"
    before = api.get(path)["spec"]
    api.patch(path, {"spec": {"minReplicas": 2, "maxReplicas": 2}})
    try:
        until(lambda: ready_gateways(api) == 2, "a second gateway")
        yield
    finally:
        kubectl("uncordon", NODE_NAME)
        api.patch(path, {"spec": {key: before[key] for key in ("minReplicas", "maxReplicas")}})
        until(lambda: ready_gateways(api) == len(pods(api, "gateway", "gateway")) == 1, "one gateway again")


def ready_gateways(api: Api) -> int:
    """How many gateways are in service."""
    status = api.get("/apis/apps/v1/namespaces/gateway/deployments/gateway")["status"]
    return int(status.get("readyReplicas", 0))


@own_node
def test_a_drained_node_keeps_one_gateway_until_there_is_another(
    two_gateways: None, api: Api, kubectl: Kubectl, make_load: Callable[[], Load], audit_lines: AuditLines
) -> None:
    """There is no other node: the second eviction is refused, with the reason, and the last gateway goes on serving."""
    with make_load() as load:
        load.await_answers(20)
        which = "--pod-selector=app.kubernetes.io/name=gateway"
        said = kubectl("drain", NODE_NAME, which, "--delete-emptydir-data", "--timeout=12s", check=False)
        assert "violate the pod's disruption budget" in said
        assert ready_gateways(api) == 1
        load.await_answers(20)
    assert not load.failures(), load.failures()[:3]
    assert not load.wrong()
    audit_lines.await_each({str(answer.request_id) for answer in load.answers})


@own_node
def test_without_the_api_server_requests_are_answered_and_recorded(
    api: Api, kubectl: Kubectl, make_load: Callable[[], Load], audit_lines: AuditLines
) -> None:
    """Killed under load: kubectl says that nobody answers, callers notice nothing; the node's start brings it back."""
    pid = Process(name="kube-apiserver", directory=Layout(STATE).log).pid()
    assert pid
    with make_load() as load:
        load.await_answers(20)
        os.kill(pid, signal.SIGKILL)
        assert "refused" in kubectl("get", "pods", check=False)
        load.await_answers(40)
        local_node("start")
        until(lambda: ready_gateways(api) == 1, "an answer of the API server")
        load.await_answers(20)
    assert not load.failures(), load.failures()[:3]
    assert not load.wrong()
    audit_lines.await_each({str(answer.request_id) for answer in load.answers})


def uids(kubectl: Kubectl) -> set[str]:
    """The identities of our pods."""
    found = set()
    for namespace in ("gateway", "inference", "audit"):
        found |= {
            pod["metadata"]["uid"] for pod in json.loads(kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
        }
    return found


def test_a_second_up_changes_nothing(kubectl: Kubectl) -> None:
    """The same command again leaves every pod as it is and still ends with a prediction."""
    before = uids(kubectl)
    said = local("up")
    assert "unchanged" in said
    assert "to create" not in said
    assert "to update" not in said
    assert "POSITIVE" in said
    assert uids(kubectl) == before
