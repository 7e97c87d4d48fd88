"""A model that is not the one that was deployed is never served."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e import store
from tests.e2e.api import Api, pods
from tests.e2e.conftest import Kubectl
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e

DEPLOYMENT = "/apis/apps/v1/namespaces/inference/deployments/fastapi-svc"
_FILE = "repository/sentiment/1/model.onnx"


@pytest.fixture
def tampered(api: Api, tmp_path: Any) -> Iterator[str]:
    """Somebody put another file in a model file's place in the store; its own version is back afterwards."""
    template = api.get(DEPLOYMENT)["spec"]["template"]["spec"]
    [fetch] = [container for container in template["initContainers"] if container["name"] == "fetch-and-verify-model"]
    s3 = store.client(api, fetch, namespace="inference", authority=store.trusted(template), folder=tmp_path)
    [found] = [variable["value"] for variable in fetch["env"] if variable["name"] == "MODEL_URI"]
    uri = urlsplit(found)
    where = {"Bucket": uri.netloc, "Key": f"{uri.path.strip('/')}/{_FILE}"}
    size = s3.head_object(**where)["ContentLength"]
    version = s3.put_object(**where, Body=b"\0" * size)["VersionId"]
    try:
        yield _FILE
    finally:
        s3.delete_object(**where, VersionId=version, BypassGovernanceRetention=True)


def test_a_model_file_with_another_hash_keeps_the_pod_from_starting(
    tampered: str, api: Api, kubectl: Kubectl, fastapi_svc: httpx.Client
) -> None:
    """The new pod stops at its init container, which names the file; the old pod goes on serving."""
    kubectl("rollout", "restart", "-n", "inference", "deployment/fastapi-svc")
    try:
        message = until(lambda: _refusal(api), "the refusal of the model")
        assert tampered in message
        assert "SHA-256" in message
        assert message in kubectl("describe", "pods", "-n", "inference", "-l", "app.kubernetes.io/name=fastapi-svc")
        until(lambda: _events(api), "the kubelet's event")
        assert fastapi_svc.post("/v1/classify", json={"text": "The care was excellent."}).status_code == 200
    finally:
        kubectl("rollout", "undo", "-n", "inference", "deployment/fastapi-svc")
        kubectl("rollout", "status", "-n", "inference", "deployment/fastapi-svc", "--timeout=170s")
        until(lambda: len(pods(api, "inference", "fastapi-svc")) == 1, "one pod again")


def _refusal(api: Api) -> str:
    """What the init container said when it ended; empty while it has not."""
    for pod in pods(api, "inference", "fastapi-svc"):
        for status in pod["status"].get("initContainerStatuses", []):
            for state in (status["state"], status.get("lastState", {})):
                if state.get("terminated", {}).get("exitCode"):
                    return str(state["terminated"]["message"]).strip()
    return ""


def _events(api: Api) -> list[dict[str, Any]]:
    selector = "involvedObject.kind=Pod,reason=BackOff"
    found = api.items("/api/v1/namespaces/inference/events", fieldSelector=selector)
    return [event for event in found if "fetch-and-verify-model" in event["message"]]
