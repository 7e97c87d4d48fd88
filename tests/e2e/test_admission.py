"""What the API server refuses, whoever asks: the objects of tests/infra/workloads/admission_cases.py."""

from typing import Any

import pytest

from tests.e2e.api import Api, Refused
from tests.e2e.conftest import Kubectl
from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_cases import ACCEPTED, REFUSED

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def registry(outputs: dict[str, Any]) -> str:
    """What the references of the stack's images begin with."""
    return str(outputs["image_repositories"]["gateway"]).removesuffix("gateway")


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_an_object_that_breaks_a_policy_is_refused_and_told_why(case: Case, api: Api, registry: str) -> None:
    """By the policy that is about it, in words that say what to do."""
    with pytest.raises(Refused) as refused:
        api.create(case.path, case.manifest(registry), dry_run=True)
    assert case.policy in refused.value.message
    assert case.says in refused.value.message


@pytest.mark.parametrize("case", ACCEPTED, ids=lambda case: case.name)
def test_its_neighbour_that_keeps_to_the_policies_is_taken(case: Case, api: Api, registry: str) -> None:
    """Otherwise a policy that refused everything would pass."""
    api.create(case.path, case.manifest(registry), dry_run=True)


@pytest.mark.parametrize(("namespace", "workload"), [("gateway", "gateway"), ("inference", "triton")])
def test_an_administrator_does_not_enter_a_pod(api: Api, kubectl: Kubectl, namespace: str, workload: str) -> None:
    """Whose rights RBAC does not limit: what EKS's own administrators have."""
    group, name = "tests:administrators", "tests-administrators"
    bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group}],
    }
    api.create(bindings, binding)
    try:
        who = ["--as=somebody", f"--as-group={group}", "--as-group=system:authenticated"]
        said = kubectl(
            *who, "exec", "-n", namespace, f"deployment/{workload}", "-c", workload, "--", "true", check=False
        )
    finally:
        api.delete(f"{bindings}/{name}")
    assert "inference-interactive" in said
