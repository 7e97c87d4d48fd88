"""EKS add-ons, pinned by version."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.cluster import Cluster
from infra.context import Context
from infra.identity import WorkloadIdentity, WorkloadIdentityArgs

VERSIONS: Mapping[str, Mapping[str, str]] = {
    "1.34": {
        "vpc-cni": "v1.21.1-eksbuild.1",
        "kube-proxy": "v1.34.1-eksbuild.2",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.2",
        "coredns": "v1.12.4-eksbuild.1",
    },
    "1.35": {
        "vpc-cni": "v1.21.1-eksbuild.3",
        "kube-proxy": "v1.35.0-eksbuild.2",
        "eks-pod-identity-agent": "v1.3.10-eksbuild.2",
        "coredns": "v1.13.2-eksbuild.1",
    },
}
"""Add-on versions by Kubernetes version."""


@dataclass(frozen=True)
class NodeAgentsArgs:
    """The cluster whose nodes get the agents."""

    context: Context
    cluster: Cluster


class NodeAgents(pulumi.ComponentResource):
    """DaemonSets that a node needs to become ready: they are installed before there are nodes."""

    def __init__(self, name: str, args: NodeAgentsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:cluster:NodeAgents", name, None, opts)
        identity = WorkloadIdentity(
            "vpc-cni-identity",
            WorkloadIdentityArgs(
                name=f"{args.context.name}-vpc-cni",
                issuer=args.cluster.issuer,
                namespace="kube-system",
                service_account="aws-node",
                policy_arn=args.context.account.managed_policy_arn("AmazonEKS_CNI_Policy"),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        # Prefixes of /28 give a node more pods than its network interfaces have addresses.
        cni = {"enableNetworkPolicy": "true", "env": {"ENABLE_PREFIX_DELEGATION": "true"}}
        _addon(self, "vpc-cni", args.cluster, configuration=cni, role_arn=identity.role_arn)
        _addon(self, "kube-proxy", args.cluster)
        _addon(self, "eks-pod-identity-agent", args.cluster)
        self.register_outputs({})


@dataclass(frozen=True)
class AddonsArgs:
    """The cluster that gets the add-ons."""

    cluster: Cluster


class Addons(pulumi.ComponentResource):
    """Add-ons whose pods need a node to run on: give the node pools as a dependency."""

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:cluster:Addons", name, None, opts)
        _addon(self, "coredns", args.cluster)
        self.register_outputs({})


def _addon(
    parent: pulumi.Resource,
    addon: str,
    cluster: Cluster,
    *,
    configuration: Mapping[str, Any] | None = None,
    role_arn: pulumi.Input[str] | None = None,
) -> None:
    aws.eks.Addon(
        addon,
        addon_name=addon,
        cluster_name=cluster.name,
        addon_version=VERSIONS[cluster.version][addon],
        configuration_values=json.dumps(configuration) if configuration else None,
        service_account_role_arn=role_arn,
        resolve_conflicts_on_create="OVERWRITE",
        resolve_conflicts_on_update="OVERWRITE",
        opts=pulumi.ResourceOptions(parent=parent),
    )
