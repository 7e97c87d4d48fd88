"""What people may do in the cluster: what their task needs, and never reading what is secret."""

from typing import Any

import pytest

from tests.infra.conftest import Program

NEVER = {"secrets", "pods/exec", "pods/attach", "pods/portforward", "serviceaccounts/token", "users", "groups", "*"}


def rules(program: Program, right: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = program.only("ClusterRole", right)["rules"]
    return found


@pytest.mark.parametrize("right", ["viewer", "operator", "auditor"])
def test_nobody_reads_secrets_or_enters_pods(prod: Program, right: str) -> None:
    """No rule names Secrets, a way into a pod, another identity, or everything."""
    for rule in rules(prod, right):
        assert not NEVER & {*rule["resources"], *rule["verbs"], *rule["apiGroups"]}
        assert "impersonate" not in rule["verbs"]
        assert "escalate" not in rule["verbs"]


@pytest.mark.parametrize("right", ["viewer", "auditor"])
def test_viewer_and_auditor_only_read(prod: Program, right: str) -> None:
    """Their verbs change nothing."""
    assert {verb for rule in rules(prod, right) for verb in rule["verbs"]} == {"get", "list", "watch"}


def test_operator_restarts_and_scales(prod: Program) -> None:
    """The operator takes pods away and sets numbers of replicas, and cannot change what runs."""
    changes = {
        (resource, verb)
        for rule in rules(prod, "operator")
        for resource in rule["resources"]
        for verb in set(rule["verbs"]) - {"get", "list", "watch"}
    }
    assert changes == {
        ("pods", "delete"),
        ("pods/eviction", "create"),
        ("deployments/scale", "patch"),
        ("deployments/scale", "update"),
    }


def test_rights_are_bound_to_the_groups_of_the_access_entries(prod: Program) -> None:
    """Each role's access entry leads to a group that some role is bound to, in the workloads' namespaces or everywhere."""
    bound = {
        binding.inputs["subjects"][0]["name"] for binding in prod.of("RoleBinding") + prod.of("ClusterRoleBinding")
    }
    entered = {entry.inputs["kubernetesGroups"][0] for entry in prod.of("AccessEntry")} - {"inference:deployer"}
    assert bound == entered
    assert {binding.inputs["metadata"]["namespace"] for binding in prod.of("RoleBinding")} == {"gateway", "inference"}
