"""The control plane is private, logged, encrypted, and open to nobody by accident."""

import json

import pytest

from infra.addons import VERSIONS
from tests.infra.conftest import ACCOUNT, Program


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


def test_access_is_by_entries_with_one_policy_each(prod: Program) -> None:
    """The deployer administers, the viewer reads the workloads' namespaces, and nobody else gets in."""
    entries = {entry.inputs["principalArn"] for entry in prod.of("AccessEntry")}
    assert entries == {f"arn:aws:iam::{ACCOUNT}:role/inference-{role}" for role in ("deployer", "viewer")}
    viewer = prod.only("AccessPolicyAssociation", "viewer-policy")
    assert viewer["policyArn"].endswith("/AmazonEKSViewPolicy")
    assert viewer["accessScope"] == {"type": "namespace", "namespaces": ["gateway", "inference"]}


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


def test_launch_templates_shut_out_pods_and_the_public(program: Program) -> None:
    """IMDSv2 with one hop, encrypted gp3 under our key, no public address, no key pair."""
    templates = program.of("LaunchTemplate")
    assert len(templates) == 2
    for template in templates:
        metadata = template.inputs["metadataOptions"]
        assert (metadata["httpTokens"], metadata["httpPutResponseHopLimit"]) == ("required", 1)
        for mapping in template.inputs["blockDeviceMappings"]:
            assert mapping["ebs"]["encrypted"] == "true"
            assert mapping["ebs"]["volumeType"] == "gp3"
            assert mapping["ebs"]["kmsKeyId"].endswith("volumes-key")
        for interface in template.inputs["networkInterfaces"]:
            assert interface["associatePublicIpAddress"] == "false"
            assert interface["securityGroups"] == ["nodes-group-id"]
        assert {"keyName", "userData"}.isdisjoint(template.inputs)


def test_instances_and_volumes_are_tagged(program: Program) -> None:
    """What a launch template starts carries the owner and the classification of its data."""
    for template in program.of("LaunchTemplate"):
        tagged = {each["resourceType"]: each["tags"] for each in template.inputs["tagSpecifications"]}
        assert {"instance", "volume"} <= set(tagged)
        assert all({"owner", "contact", "data-classification"} <= set(tags) for tags in tagged.values())


def test_gpu_pool_takes_only_what_tolerates_it(program: Program) -> None:
    """GPU nodes run the NVIDIA image and are tainted; system nodes are neither."""
    gpu, system = program.only("NodeGroup", "gpu-pool"), program.only("NodeGroup", "system-pool")
    assert gpu["amiType"] == "AL2023_x86_64_NVIDIA"
    assert gpu["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]
    assert gpu["labels"] == {"inference/node-pool": "gpu"}
    assert system["amiType"] == "AL2023_x86_64_STANDARD"
    assert system["labels"] == {"inference/node-pool": "system"}
    assert not system.get("taints")


def test_node_role_is_minimal(program: Program) -> None:
    """Nodes join and pull; they neither configure the network nor log in to anything."""
    attached = {
        each.inputs["policyArn"].rpartition("/")[2]
        for each in program.of("RolePolicyAttachment")
        if each.inputs["role"].endswith("-nodes") or each.inputs["role"] == "node-role"
    }
    assert attached == {"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"}


def test_addons_are_pinned_and_policies_enforced(program: Program) -> None:
    """Every add-on names its version, and the CNI enforces NetworkPolicies with a role of its own."""
    addons = {each.name: each.inputs for each in program.of("Addon")}
    version = program.only("eks/cluster:Cluster")["version"]
    assert {name: addon["addonVersion"] for name, addon in addons.items()} == VERSIONS[version]
    assert json.loads(addons["vpc-cni"]["configurationValues"])["enableNetworkPolicy"] == "true"
    assert addons["vpc-cni"]["serviceAccountRoleArn"]


@pytest.mark.parametrize("version", sorted(VERSIONS))
def test_kube_proxy_matches_the_cluster(version: str) -> None:
    """kube-proxy's minor version is the cluster's."""
    assert VERSIONS[version]["kube-proxy"].startswith(f"v{version}.")
