"""What runs is what the program says: real pods, confined, with a verified model."""

import hashlib
import json
from typing import Any

import pytest

from local.paths import REPO
from tests.e2e.conftest import Kubectl
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e

WORKLOADS = [("gateway", "gateway"), ("inference", "fastapi-svc"), ("inference", "triton")]


def pods(kubectl: Kubectl, namespace: str) -> list[dict[str, Any]]:
    """The pods of a namespace as the API server has them."""
    found: list[dict[str, Any]] = json.loads(kubectl("get", "pods", "-n", namespace, "-o", "json"))["items"]
    return found


def test_every_pod_of_the_cluster_runs_and_is_ready(kubectl: Kubectl) -> None:
    """No pod is pending, failing or restarting for ever; one that a test before has replaced may still be starting."""
    for namespace in ("gateway", "inference", "kube-system"):
        assert pods(kubectl, namespace)
        until(lambda: all(map(_ready, pods(kubectl, namespace))), f"every pod of {namespace} ready")  # noqa: B023 - at once


def _ready(pod: dict[str, Any]) -> bool:
    containers = pod["status"].get("containerStatuses", [])
    return pod["status"]["phase"] == "Running" and all(status["ready"] for status in containers)


@pytest.mark.parametrize(("namespace", "name"), WORKLOADS)
def test_a_workload_is_not_root_and_cannot_write_to_its_root(kubectl: Kubectl, namespace: str, name: str) -> None:
    """Asked inside the container, so the kernel answers and not the manifest."""
    program = "import os\ntry:\n open('/probe','w')\nexcept OSError as e: print(os.getuid(), e.errno)"
    said = kubectl(
        "exec", "-n", namespace, f"deployment/{name}", "-c", name, "--", "/opt/venv/bin/python", "-c", program
    )
    uid, errno = said.split()
    assert uid == "65532"
    assert int(errno) in (13, 30)  # EACCES or EROFS


@pytest.mark.parametrize(("namespace", "name"), WORKLOADS)
def test_a_workload_holds_no_token_for_the_api_server(kubectl: Kubectl, namespace: str, name: str) -> None:
    """No service-account token is mounted where the API server would accept it."""
    path = "/var/run/secrets/kubernetes.io/serviceaccount/token"
    program = f"import os; print(os.path.exists({path!r}))"
    said = kubectl(
        "exec", "-n", namespace, f"deployment/{name}", "-c", name, "--", "/opt/venv/bin/python", "-c", program
    )
    assert said.strip() == "False"


def test_the_served_model_is_the_built_one(kubectl: Kubectl) -> None:
    """The manifest that the init container verified against is the one in build/model, and the files match it."""
    digest = hashlib.sha256((REPO / "build" / "model" / "manifest.json").read_bytes()).hexdigest()
    program = "import hashlib; print(hashlib.sha256(open('/model/manifest.json','rb').read()).hexdigest())"
    for name in ("fastapi-svc", "triton"):
        said = kubectl(
            "exec", "-n", "inference", f"deployment/{name}", "-c", name, "--", "/opt/venv/bin/python", "-c", program
        )
        assert said.strip() == digest


def test_pod_security_refuses_a_pod_that_is_not_restricted(kubectl: Kubectl) -> None:
    """The API server itself, not the program, stops it."""
    said = kubectl("run", "probe", "-n", "gateway", "--image=probe", "--dry-run=server", check=False)
    assert "violates PodSecurity" in said


def test_services_are_reachable_by_name_from_a_pod(kubectl: Kubectl) -> None:
    """CoreDNS and kube-proxy lead the gateway's pod to Triton."""
    program = "import socket; socket.create_connection(('triton-headless.inference.svc.cluster.local', 8001), 5); print('open')"
    said = kubectl("exec", "-n", "gateway", "deployment/gateway", "--", "/opt/venv/bin/python", "-c", program)
    assert said.strip() == "open"
