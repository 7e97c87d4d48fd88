"""What people may do in the cluster, as the program says it; test_rbac_matrix.py asks an API server."""

from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from infra.access_groups import ADMINISTRATOR
from infra.workloads.access import Access
from infra.workloads.namespaces import NAMES
from tests.infra.components import Component, cluster, context, run_component
from tests.infra.conftest import Program

NEVER = {
    "secrets", "pods/exec", "pods/attach", "pods/portforward", "pods/ephemeralcontainers", "pods/proxy", "services/proxy",
    "nodes/proxy", "serviceaccounts/token", "users", "groups", "certificatesigningrequests/approval", "*",
}  # fmt: skip
READING = {"get", "list", "watch"}
ROLE = "rbac.authorization.k8s.io/v1:Role"
"""AWS has roles, too."""
RIGHTS = ("viewer", "operator", "auditor", "deployer")


@pytest.fixture(scope="module")
def made() -> Component:
    """The roles of a cluster of their own."""

    def build() -> None:
        control_plane = cluster(context()).control_plane
        Access("access", load_tested=True, opts=pulumi.ResourceOptions(deleted_with=control_plane))

    return run_component(build)


def roles(made: Component, right: str) -> Iterator[tuple[str | None, list[dict[str, Any]]]]:
    """Namespace (None: everywhere) and rules of each role of a right."""
    for each in made.of(ROLE) + made.of("ClusterRole"):
        metadata = each.inputs["metadata"]
        if metadata["name"] == f"inference:{right}":
            yield metadata.get("namespace"), each.inputs["rules"]


def rules(made: Component, right: str) -> list[dict[str, Any]]:
    """Every rule of a right."""
    return [rule for _, found in roles(made, right) for rule in found]


@pytest.mark.parametrize("right", RIGHTS)
def test_nobody_reads_secrets_enters_pods_or_becomes_another(made: Component, right: str) -> None:
    """No rule names Secrets, a way into a pod, another identity, or everything."""
    found = rules(made, right)
    assert found
    for rule in found:
        assert not NEVER & {*rule["resources"], *rule["verbs"], *rule["apiGroups"]}
        assert not {"impersonate", "escalate", "bind", "approve", "sign"} & set(rule["verbs"])


@pytest.mark.parametrize("right", ["viewer", "auditor"])
def test_viewer_and_auditor_only_read(made: Component, right: str) -> None:
    """Their verbs change nothing."""
    assert {verb for rule in rules(made, right) for verb in rule["verbs"]} == READING


def test_operator_restarts_and_scales(made: Component) -> None:
    """The operator takes pods away and sets numbers of replicas, and cannot change what runs."""
    changes = {
        (resource, verb)
        for rule in rules(made, "operator")
        for resource in rule["resources"]
        for verb in set(rule["verbs"]) - READING
    }
    assert changes == {
        ("pods", "delete"),
        ("pods/eviction", "create"),
        ("deployments/scale", "patch"),
        ("deployments/scale", "update"),
    }


def test_rights_reach_as_far_as_they_must(made: Component) -> None:
    """Viewer and operator in the stack's namespaces, the auditor everywhere, the deployer in both and beside its authority."""
    reach = {right: {namespace for namespace, _ in roles(made, right)} for right in RIGHTS}
    assert reach == {
        "viewer": set(NAMES),
        "operator": set(NAMES),
        "auditor": {None},
        "deployer": {*NAMES, "cert-manager", None},
    }


def test_deployer_changes_by_name_what_others_have_too(made: Component) -> None:
    """Namespaces, cluster roles and issuers of others stay out of its reach; it makes new ones and changes the stack's."""
    everywhere = [rule for namespace, found in roles(made, "deployer") if namespace is None for rule in found]
    named = {
        resource: set(rule["resourceNames"])
        for rule in everywhere
        if {"patch", "delete"} & set(rule["verbs"]) and rule.get("resourceNames")
        for resource in rule["resources"]
    }
    assert named == {
        "namespaces": set(NAMES),
        "clusterroles": {"inference:auditor", "inference:deployer"},
        "clusterrolebindings": {"inference:auditor", "inference:deployer"},
        "clusterissuers": {"inference-ca", "inference-bootstrap"},
    }
    unnamed = {
        resource
        for rule in everywhere
        if {"patch", "delete"} & set(rule["verbs"]) and not rule.get("resourceNames")
        for resource in rule["resources"]
    }
    assert unnamed == {
        "priorityclasses",
        "storageclasses",
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
    }


def test_each_role_is_bound_to_its_group_and_to_nobody_else(made: Component) -> None:
    """One binding a role, where the role is, with one group in it."""
    bound = [each.inputs for each in made.of("RoleBinding") + made.of("ClusterRoleBinding")]
    assert len(bound) == len(made.of(ROLE) + made.of("ClusterRole"))
    for binding in bound:
        name, namespaced = binding["metadata"]["name"], "namespace" in binding["metadata"]
        kind = "Role" if namespaced else "ClusterRole"
        assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
        assert binding["subjects"] == [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": name}]


def test_every_access_entry_leads_to_a_group_with_a_role(prod: Program) -> None:
    """Each role's access entry is in a group that is bound, but for the administrator's, whose rights are EKS's own."""
    bound = {each.inputs["subjects"][0]["name"] for each in prod.of("RoleBinding") + prod.of("ClusterRoleBinding")}
    entered = {entry.inputs["kubernetesGroups"][0] for entry in prod.of("AccessEntry")}
    assert entered - bound == {f"inference:{ADMINISTRATOR}"}
    assert {f"inference:{right}" for right in RIGHTS} <= entered & bound


def test_roles_go_with_the_cluster_and_not_before(made: Component) -> None:
    """A deployer that destroyed its own role first could not destroy the rest."""
    cluster_label = "aws:eks/cluster:Cluster::cluster"
    for each in made.resources:
        if each.type.startswith("kubernetes:"):
            assert made.deleted_with[f"{each.type}::{each.name}"] == cluster_label


def test_the_program_names_the_cluster_that_they_go_with(prod: Program) -> None:
    """As wired in the program itself."""
    going = {label for label, of in prod.deleted_with.items() if of == "aws:eks/cluster:Cluster::cluster"}
    assert "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole::deployer" in going
    assert "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding::gateway-deployer" in going
