"""The control plane is private, logged, encrypted, and open to nobody by accident."""

import json
from pathlib import Path

from tests.infra.conftest import ACCOUNT, Program, run_program, stack_values


def test_endpoint_is_private(program: Program) -> None:
    """The API server has a private endpoint and no public one."""
    network = program.only("eks/cluster:Cluster")["vpcConfig"]
    assert network["endpointPrivateAccess"] is True
    assert network["endpointPublicAccess"] is False
    assert "publicAccessCidrs" not in network


def test_cluster_is_hardened(program: Program) -> None:
    """All logs, envelope encryption with our key, access entries only, standard support."""
    cluster = program.only("eks/cluster:Cluster")
    assert set(cluster["enabledClusterLogTypes"]) == {"api", "audit", "authenticator", "controllerManager", "scheduler"}
    assert cluster["encryptionConfig"]["resources"] == ["secrets"]
    assert cluster["encryptionConfig"]["provider"]["keyArn"].endswith("secrets-key")
    assert cluster["accessConfig"] == {
        "authenticationMode": "API",
        "bootstrapClusterCreatorAdminPermissions": False,
    }
    assert cluster["upgradePolicy"] == {"supportType": "STANDARD"}
    assert cluster["bootstrapSelfManagedAddons"] is False


def test_production_refuses_deletion(prod: Program) -> None:
    """The production cluster has deletion protection."""
    assert prod.only("eks/cluster:Cluster")["deletionProtection"] is True


def test_control_plane_logs_are_encrypted_and_kept(program: Program) -> None:
    """The group that EKS writes to exists first, with a key and six years."""
    cluster, group = program.only("eks/cluster:Cluster"), program.only("LogGroup", "control-plane-logs")
    assert group["name"] == f"/aws/eks/{cluster['name']}/cluster"
    assert group["kmsKeyId"].endswith("logs-key")
    assert group["retentionInDays"] >= 2192


def test_access_is_by_entries_into_groups(prod: Program) -> None:
    """Each role is in the group of its right; only the administrator has rights from EKS itself."""
    rights = ("administrator", "deployer", "operator", "auditor", "viewer")
    entries = {entry.inputs["principalArn"]: entry.inputs["kubernetesGroups"] for entry in prod.of("AccessEntry")}
    assert entries == {f"arn:aws:iam::{ACCOUNT}:role/inference-{right}": [f"inference:{right}"] for right in rights}
    policy = prod.only("AccessPolicyAssociation")
    assert policy["principalArn"].endswith("/inference-administrator")
    assert policy["policyArn"].endswith("/AmazonEKSClusterAdminPolicy")


def test_the_administrator_is_known_by_its_user_name(prod: Program) -> None:
    """What the alarm on its use looks for; all others keep the name that EKS gives them."""
    names = {entry.name: entry.inputs.get("userName") for entry in prod.of("AccessEntry")}
    assert {name: given for name, given in names.items() if given} == {
        "administrator-access": "inference:administrator:{{SessionName}}"
    }


def test_without_the_administrator_nobody_has_rights_from_eks(model: Path) -> None:
    """After the first update its entry may go, and what is left has the rights that RBAC gives, and no others."""
    values = stack_values("prod", model)
    roles = {right: role for right, role in values["inference:accessRoles"].items() if right != "administrator"}
    found = run_program({**values, "inference:accessRoles": roles}, stack="prod")
    assert not found.of("AccessPolicyAssociation")
    assert {entry.inputs["kubernetesGroups"][0] for entry in found.of("AccessEntry")} == {
        f"inference:{right}" for right in ("deployer", "operator", "auditor", "viewer")
    }


def test_there_is_no_aws_auth(program: Program) -> None:
    """Access does not go through the deprecated ConfigMap."""
    assert all(each.inputs["metadata"].get("name") != "aws-auth" for each in program.of("ConfigMap"))


def test_kubeconfig_holds_no_credential(program: Program) -> None:
    """The exported kubeconfig asks for a token at each use and verifies the server."""
    document = json.loads(program.exports["kubeconfig"])
    (user,) = document["users"]
    assert set(user["user"]) == {"exec"}
    (cluster,) = document["clusters"]
    assert cluster["cluster"]["certificate-authority-data"]
    assert "insecure-skip-tls-verify" not in cluster["cluster"]


def test_instances_and_volumes_are_tagged(program: Program) -> None:
    """What a launch template starts carries the owner and the classification of its data."""
    for template in program.of("LaunchTemplate"):
        tagged = {each["resourceType"]: each["tags"] for each in template.inputs["tagSpecifications"]}
        assert {"instance", "volume"} <= set(tagged)
        assert all({"owner", "contact", "data-classification"} <= set(tags) for tags in tagged.values())
