"""Add-ons are pinned, come in the right order, and each has no more rights than its own."""

import json
from typing import Any, get_args

import pulumi
import pytest

from infra.addons import VERSIONS, Addons, AddonsArgs, NodeAgents, NodeAgentsArgs
from infra.config import StackConfig
from infra.nodepools import POOL_LABEL
from infra.workloads.storage_class import DefaultStorageClass, DefaultStorageClassArgs
from tests.infra.components import NAME, Component, cluster, context, run_component

VOLUMES_KEY = "arn:aws:kms:us-east-1:123456789012:key/volumes"
LOGS_KEY = "arn:aws:kms:us-east-1:123456789012:key/logs"
NODE_AGENTS = {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
GROUPS = {f"/aws/containerinsights/{NAME}/{stream}" for stream in ("application", "dataplane", "host", "performance")}
SUPPORTED = get_args(StackConfig.model_fields["kubernetes_version"].annotation)


def addons(*, version: str = "1.35", inherited: frozenset[str] = frozenset()) -> Component:
    """The node agents and the other add-ons of a cluster, without nodes between them."""

    def build() -> None:
        here = context()
        eks = cluster(here, version=version)
        agents = NodeAgents("node-agents", NodeAgentsArgs(here, eks))
        Addons(
            "addons",
            AddonsArgs(here, eks, volumes_key_arn=VOLUMES_KEY, logs_key_arn=LOGS_KEY, inherited=inherited),
            pulumi.ResourceOptions(depends_on=[agents]),
        )

    return run_component(build)


@pytest.fixture(scope="module")
def installed() -> Component:
    """Every add-on of a cluster with Kubernetes 1.35."""
    return addons()


def configuration(found: Component, addon: str) -> dict[str, Any]:
    """The configuration values of `addon`."""
    values: dict[str, Any] = json.loads(found.only("Addon", addon)["configurationValues"])
    return values


def statements(found: Component, policy: str) -> dict[str, dict[str, Any]]:
    """The statements of a policy by their Sid."""
    return {each["Sid"]: each for each in json.loads(found.only("iam/policy:Policy", policy)["policy"])["Statement"]}


def trusted(found: Component, role: str) -> str:
    """The one service account that may assume the role called `role`."""
    (statement,) = json.loads(found.only("iam/role:Role", role)["assumeRolePolicy"])["Statement"]
    (subject,) = [value for key, value in statement["Condition"]["StringEquals"].items() if key.endswith(":sub")]
    return str(subject)


@pytest.mark.parametrize("version", SUPPORTED)
def test_every_addon_is_pinned_for_every_version(version: str) -> None:
    """For each Kubernetes version that the configuration accepts, each add-on is installed at the version of its table."""
    found = {each.name: each.inputs["addonVersion"] for each in addons(version=version).of("Addon")}
    assert found == VERSIONS[version]
    assert found["kube-proxy"].startswith(f"v{version}.")


def test_table_has_no_other_version() -> None:
    """The table names the accepted Kubernetes versions and no more, each with the same add-ons."""
    assert set(VERSIONS) == set(SUPPORTED)
    assert len({frozenset(pinned) for pinned in VERSIONS.values()}) == 1


def test_program_wins_over_changes_by_hand(installed: Component) -> None:
    """An add-on that was changed in the cluster is put back."""
    for addon in installed.of("Addon"):
        assert addon.inputs["resolveConflictsOnCreate"] == "OVERWRITE"
        assert addon.inputs["resolveConflictsOnUpdate"] == "OVERWRITE"


def test_node_agents_come_before_what_needs_nodes(installed: Component) -> None:
    """What is given as a dependency of the add-ons is there before any of them, and none of them is a node agent."""
    assert installed.waits_for("addons") >= NODE_AGENTS
    order = [each.name for each in installed.resources]
    others = set(VERSIONS["1.35"]) - NODE_AGENTS
    assert max(order.index(name) for name in NODE_AGENTS) < min(order.index(name) for name in others)


def test_network_policies_are_enforced(installed: Component) -> None:
    """The CNI enforces NetworkPolicies, hands out prefixes, and has a role of its own."""
    assert configuration(installed, "vpc-cni") == {
        "enableNetworkPolicy": "true",
        "env": {"ENABLE_PREFIX_DELEGATION": "true"},
    }
    assert trusted(installed, "vpc-cni-identity-role") == "system:serviceaccount:kube-system:aws-node"


def test_roles_are_one_each_and_for_who_calls_aws(installed: Component) -> None:
    """Three add-ons call AWS with a role of their own; the others get none."""
    roles = {each.name: each.inputs.get("serviceAccountRoleArn") for each in installed.of("Addon")}
    given = {name: arn for name, arn in roles.items() if arn}
    assert set(given) == {"vpc-cni", "aws-ebs-csi-driver", "amazon-cloudwatch-observability"}
    assert len(set(given.values())) == len(given)


def test_names_are_resolved_while_nodes_and_zones_go(installed: Component) -> None:
    """CoreDNS has two replicas on the system pool, spread over zones and nodes, of which one may go at a time."""
    values = configuration(installed, "coredns")
    assert values["replicaCount"] == 2
    assert values["nodeSelector"] == {POOL_LABEL: "system"}
    assert values["podDisruptionBudget"] == {"enabled": True, "maxUnavailable": 1}
    spread = {each["topologyKey"] for each in values["topologySpreadConstraints"]}
    assert spread == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}


def test_certificates_are_issued_while_nodes_and_zones_go(installed: Component) -> None:
    """Each part of cert-manager has two replicas on the system pool, spread over zones and nodes; it makes no issuer."""
    values = configuration(installed, "cert-manager")
    parts = {"controller": values, **{part: values.pop(part) for part in ("webhook", "cainjector")}}
    for component, part in parts.items():
        assert set(part) == {"replicaCount", "nodeSelector", "topologySpreadConstraints"}
        assert part["replicaCount"] == 2
        assert part["nodeSelector"] == {POOL_LABEL: "system"}
        spread = part["topologySpreadConstraints"]
        assert {each["topologyKey"] for each in spread} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
        for each in spread:
            assert each["labelSelector"] == {"matchLabels": {"app.kubernetes.io/component": component}}


def test_csi_driver_touches_this_clusters_volumes_only(installed: Component) -> None:
    """Every right of the driver that changes something is bound to the cluster's tag."""
    found = statements(installed, "ebs-csi-driver-policy")
    assert (
        trusted(installed, "ebs-csi-driver-identity-role") == "system:serviceaccount:kube-system:ebs-csi-controller-sa"
    )
    assert {action for action in found["See"]["Action"] if not action.startswith("ec2:Describe")} == set()
    tag = "ebs.csi.aws.com/cluster-name"
    assert found["Create"]["Condition"] == {"StringEquals": {f"aws:RequestTag/{tag}": NAME}}
    assert found["HandleOwnVolumes"]["Condition"] == {"StringEquals": {f"ec2:ResourceTag/{tag}": NAME}}
    assert found["OnOwnInstances"]["Condition"] == {"StringEquals": {"ec2:ResourceTag/eks:cluster-name": NAME}}
    assert found["TagAtCreation"]["Condition"] == {"StringEquals": {"ec2:CreateAction": "CreateVolume"}}
    assert {name for name, each in found.items() if "Condition" not in each} == {"See"}


def test_csi_driver_uses_the_volumes_key_through_ec2_only(installed: Component) -> None:
    """The driver uses one key, never by itself, and lends it to volumes alone."""
    found = statements(installed, "ebs-csi-driver-policy")
    of_key = [each for each in found.values() if "kms:" in str(each["Action"])]
    assert len(of_key) == 2
    for each in of_key:
        assert each["Resource"] == VOLUMES_KEY
        assert each["Condition"]["StringEquals"] == {"kms:ViaService": "ec2.us-east-1.amazonaws.com"}
    assert found["LendKeyToVolumes"]["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_volumes_of_claims_carry_the_stacks_tags(installed: Component) -> None:
    """What the driver makes names its owner and the class of its data; its own unencrypted StorageClass is off."""
    values = configuration(installed, "aws-ebs-csi-driver")
    assert values["controller"]["extraVolumeTags"]["data-classification"] == "phi"
    assert values["defaultStorageClass"] == {"enabled": False}


def test_log_groups_are_there_before_the_agents(installed: Component) -> None:
    """The groups that the agents would make exist first, with a key and six years."""
    groups = {
        each.inputs["name"]: each for each in installed.of("LogGroup") if "containerinsights" in each.inputs["name"]
    }
    assert set(groups) == GROUPS
    assert installed.waits_for("amazon-cloudwatch-observability") >= {each.name for each in groups.values()}
    for each in groups.values():
        assert each.inputs["kmsKeyId"] == LOGS_KEY
        assert each.inputs["retentionInDays"] == 2192


def test_cloudwatch_agent_writes_to_its_groups_and_makes_none(installed: Component) -> None:
    """The agents' role writes to the four groups, describes, and can neither make a group nor change how long it keeps."""
    found = statements(installed, "container-insights-policy")
    assert trusted(installed, "container-insights-identity-role").endswith(":amazon-cloudwatch:cloudwatch-agent")
    written = found.pop("WriteOwnLogs")
    assert set(written["Action"]) == {"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}
    assert len(written["Resource"]) == 2 * len(GROUPS)
    assert all("container-insights-" in arn for arn in written["Resource"])
    rest = [action for each in found.values() for action in each["Action"]]
    assert all(action.startswith("ec2:Describe") for action in rest)


def test_no_request_is_traced(installed: Component) -> None:
    """Application Signals, which injects containers and sends traces of requests, is off at both its switches."""
    values = configuration(installed, "amazon-cloudwatch-observability")
    assert values["applicationSignals"] == {"enabled": False}
    assert values["manager"]["applicationSignals"]["autoMonitor"]["monitorAllServices"] is False


def test_nothing_comes_from_a_registry_on_the_internet(installed: Component) -> None:
    """The parts of the CloudWatch add-on whose images no endpoint of the VPC serves are off."""
    values = configuration(installed, "amazon-cloudwatch-observability")
    assert {name for name, value in values.items() if value == {"enabled": False}} >= {
        "otelContainerInsights",
        "kubeStateMetrics",
        "nodeExporter",
    }


def test_inherited_guardduty_brings_its_own_agent() -> None:
    """Where somebody else runs GuardDuty, its agent is theirs to install; nothing else changes."""
    ours, theirs = (
        {each.name for each in addons(inherited=frozenset(services)).of("Addon")} for services in ([], ["guardduty"])
    )
    assert ours - theirs == {"aws-guardduty-agent"}
    assert theirs < ours


@pytest.mark.parametrize(("protected", "policy"), [(True, "Retain"), (False, "Delete")])
def test_claims_get_encrypted_volumes_by_default(protected: bool, policy: str) -> None:
    """The default StorageClass names our key, and keeps volumes where the stack is protected from deletion."""

    def build() -> None:
        DefaultStorageClass("storage", DefaultStorageClassArgs(context(deletion_protection=protected), VOLUMES_KEY))

    found = run_component(build).only("StorageClass")
    assert found["metadata"]["annotations"] == {"storageclass.kubernetes.io/is-default-class": "true"}
    assert found["parameters"] == {"type": "gp3", "encrypted": "true", "kmsKeyId": VOLUMES_KEY}
    assert found["provisioner"] == "ebs.csi.aws.com"
    assert found["volumeBindingMode"] == "WaitForFirstConsumer"
    assert found["reclaimPolicy"] == policy
