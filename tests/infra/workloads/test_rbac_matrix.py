"""The roles of infra/workloads/access.py in a real API server: every cell of the matrix, and what the deployer can grant."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pulumi
import pytest
import yaml

from infra.workloads.access import Access
from infra.workloads.audit_collector import log_reader
from infra.workloads.certificates import CERT_MANAGER
from infra.workloads.namespaces import NAMES
from local.paths import REPO
from tests.infra.components import run_component
from tests.infra.conftest import Program
from tests.infra.workloads.api_server import ApiServer, running_api_server
from tests.infra.workloads.rbac_matrix import Question, questions

Manifest = dict[str, Any]
DEPLOYER = ("inference:deployer",)
RBAC = "rbac.authorization.k8s.io"
_ROLES_OF_NODE = REPO / "local" / "node" / "addons" / "audit-log.yaml"


def manifests() -> list[Manifest]:
    """Roles and bindings as the component makes them, roles first."""

    def build() -> dict[str, pulumi.Input[Any]]:
        Access("access", load_tested=True)
        return {}

    made = [each.inputs for each in run_component(build).resources if each.type.startswith("kubernetes:")]
    return sorted(made, key=lambda manifest: str(manifest["kind"]).endswith("Binding"))


def of_the_local_stack() -> list[Manifest]:
    """What lets the auditor read the gateway's records there: on AWS they are in the archive alone."""
    made = run_component(lambda: log_reader(pulumi.ResourceOptions())).resources
    return [each.inputs for each in made if each.type.startswith("kubernetes:")]


def of_the_node() -> Iterator[Manifest]:
    """What the local node adds for the auditor: on EKS its audit log is in CloudWatch."""
    for manifest in yaml.safe_load_all(_ROLES_OF_NODE.read_text()):
        if manifest["kind"] in ("Role", "RoleBinding"):
            yield manifest


@pytest.fixture(scope="module")
def server() -> Iterator[ApiServer]:
    """An API server with the stack's roles."""
    with running_api_server() as started:
        for name in (*NAMES, CERT_MANAGER):
            made = started.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
            assert made.ok, made.message
        for manifest in (*manifests(), *of_the_local_stack(), *of_the_node()):
            made = started.create(manifest)
            assert made.ok, made.message
        yield started


def allowed(server: ApiServer, question: Question) -> bool:
    """What the server's authorizer says."""
    answer = server.create(question.review)
    assert answer.ok, answer.message
    return bool(answer.body["status"]["allowed"])


@pytest.mark.parametrize("column", ["viewer", "operator", "auditor", "deployer", "nobody"])
def test_everybody_may_do_what_the_matrix_says_and_nothing_else(server: ApiServer, column: str) -> None:
    """Each cell, verb by verb and namespace by namespace."""
    asked = [question for question in questions() if question.column == column]
    assert len({question.action for question in asked}) > 70
    wrong = [
        f"{question}: expected {question.allowed}"
        for question in asked
        if allowed(server, question) != question.allowed
    ]
    assert wrong == []


def test_deployer_makes_every_role_and_binding_again(server: ApiServer) -> None:
    """Kubernetes lets one grant only what one holds: the deployer holds all of it, without `escalate` and `bind`."""
    for manifest in manifests():
        again = deepcopy(manifest)
        again["metadata"]["name"] += "-again"
        made = server.create(again, dry_run=True, groups=DEPLOYER)
        assert made.ok, f"{manifest['kind']} {manifest['metadata']}: {made.message}"


def test_deployer_changes_the_roles_that_are_there(server: ApiServer) -> None:
    """Taking a rule away and giving it back, its own role's included."""
    roles = [manifest for manifest in manifests() if not manifest["kind"].endswith("Binding")]
    assert {manifest["kind"] for manifest in roles} == {"Role", "ClusterRole"}
    for manifest in roles:
        less = {**manifest, "rules": [*manifest["rules"][1:], manifest["rules"][0]]}
        for change in (less, manifest):
            made = server.replace(change, groups=DEPLOYER)
            assert made.ok, f"{manifest['kind']} {manifest['metadata']}: {made.message}"


def role(kind: str, name: str, rule: Mapping[str, Any], namespace: str | None = None) -> Manifest:
    """A role of one rule."""
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": f"{RBAC}/v1", "kind": kind, "metadata": metadata, "rules": [rule]}


@pytest.mark.parametrize(
    ("groups", "resources", "verbs"),
    [
        ("", "secrets", "get"),
        ("", "secrets", "list"),
        ("", "pods/exec", "create"),
        ("", "serviceaccounts/token", "create"),
        ("", "users", "impersonate"),
        ("*", "*", "*"),
        (RBAC, "clusterroles", "escalate"),
        ("certificates.k8s.io", "certificatesigningrequests/approval", "update"),
    ],
)
@pytest.mark.parametrize(("kind", "namespace"), [("ClusterRole", None), ("Role", "gateway")])
def test_deployer_cannot_grant_what_it_does_not_have(
    server: ApiServer, kind: str, namespace: str | None, groups: str, resources: str, verbs: str
) -> None:
    """A new role with more in it is refused, and so is its own with more."""
    rule = {"apiGroups": [groups], "resources": [resources], "verbs": [verbs]}
    refused = server.create(role(kind, "more", rule, namespace), groups=DEPLOYER)
    assert refused.status == 403
    assert "not currently held" in refused.message
    own = next(
        manifest
        for manifest in manifests()
        if manifest["kind"] == kind
        and manifest["metadata"]["name"] == "inference:deployer"
        and manifest["metadata"].get("namespace") == namespace
    )
    refused = server.replace({**own, "rules": [*own["rules"], rule]}, groups=DEPLOYER)
    assert refused.status == 403
    assert "not currently held" in refused.message


@pytest.mark.parametrize("name", ["cluster-admin", "system:aggregate-to-edit", "system:node"])
def test_deployer_cannot_bind_a_role_with_more(server: ApiServer, name: str) -> None:
    """Neither everywhere nor in a namespace of its own."""
    subject = {"apiGroup": RBAC, "kind": "Group", "name": DEPLOYER[0]}
    reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": name}
    binding = {"apiVersion": f"{RBAC}/v1", "metadata": {"name": "more"}, "roleRef": reference, "subjects": [subject]}
    within = {**binding, "kind": "RoleBinding", "metadata": {"name": "more", "namespace": "gateway"}}
    for refused in (
        server.create({**binding, "kind": "ClusterRoleBinding"}, groups=DEPLOYER),
        server.create(within, groups=DEPLOYER),
    ):
        assert refused.status == 403
        assert "not currently held" in refused.message


@pytest.mark.parametrize("namespace", ["kube-system", "cert-manager", "default"])
def test_deployer_gives_no_rights_in_namespaces_of_others(server: ApiServer, namespace: str) -> None:
    """Not even those that it has in the stack's own: pods there act as service accounts with far more."""
    rule = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["create"]}
    assert server.create(role("Role", "maker", rule, namespace), groups=DEPLOYER).status == 403


def test_deployer_makes_whatever_the_program_makes(server: ApiServer, program: Program) -> None:
    """Each object that the program registers, in its namespace: the deployer finds, makes, changes and deletes it."""
    objects = [each.inputs for each in program.resources if each.type.startswith("kubernetes:")]
    assert len(objects) > 50
    wrong = [str(question) for manifest in objects for question in _asked_of(manifest) if not allowed(server, question)]
    assert sorted(set(wrong)) == []


def _asked_of(manifest: Manifest) -> Iterator[Question]:
    group = manifest["apiVersion"].rpartition("/")[0]
    metadata = manifest["metadata"]
    attributes = {"group": group, "resource": _plural(manifest["kind"]), "namespace": metadata.get("namespace", "")}
    for verb in ("get", "list", "watch", "create", "patch", "delete"):
        name = {} if verb in ("list", "watch", "create") else {"name": metadata.get("name", "")}
        yield Question(f"make {manifest['kind']}", "deployer", {**attributes, **name, "verb": verb}, True, False)


def _plural(kind: str) -> str:
    """The resource of a kind, as English has it."""
    singular = kind.lower()
    if singular.endswith("y"):
        return f"{singular[:-1]}ies"
    return f"{singular}es" if singular.endswith("s") else f"{singular}s"
