"""What a user sees when a part is missing, and that doing it again changes nothing."""

import json
import time

import httpx
import pytest

from tests.e2e.conftest import Kubectl, local

pytestmark = pytest.mark.e2e


def await_status(client: httpx.Client, path: str, status: int, timeout_s: float = 120) -> None:
    """Ask until `path` answers `status`."""
    deadline = time.monotonic() + timeout_s
    while (answer := client.get(path).status_code) != status:
        assert time.monotonic() < deadline, f"{path} still answers {answer}"
        time.sleep(0.5)


def test_without_triton_the_gateway_says_so_and_recovers(gateway: httpx.Client, kubectl: Kubectl) -> None:
    """503 with Retry-After while Triton is away, never a made-up prediction; 200 again when it is back."""
    kubectl("scale", "-n", "inference", "deployment/triton", "--replicas=0")
    try:
        kubectl(
            "wait", "-n", "inference", "--for=delete", "pod", "-l", "app.kubernetes.io/name=triton", "--timeout=120s"
        )
        answer = gateway.post("/v1/classify", json={"text": "The care was excellent."})
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
        assert "predictions" not in answer.json()
    finally:
        kubectl("scale", "-n", "inference", "deployment/triton", "--replicas=1")
        kubectl("rollout", "status", "-n", "inference", "deployment/triton", "--timeout=170s")
    await_status(gateway, "/readyz", 200)
    assert gateway.post("/v1/classify", json={"text": "The care was excellent."}).status_code == 200


def uids(kubectl: Kubectl) -> set[str]:
    """The identities of our pods."""
    found = set()
    for namespace in ("gateway", "inference"):
        found |= {
            pod["metadata"]["uid"] for pod in json.loads(kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
        }
    return found


def test_a_second_up_changes_nothing(kubectl: Kubectl, gateway: httpx.Client) -> None:
    """The same command again leaves every pod as it is and still ends with a prediction."""
    before = uids(kubectl)
    said = local("up")
    assert "unchanged" in said
    assert "to create" not in said
    assert "to update" not in said
    assert "POSITIVE" in said
    assert uids(kubectl) == before
