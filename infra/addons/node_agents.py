"""Add-ons that a node needs to become ready."""

from dataclasses import dataclass

import pulumi

from infra.addons.addon import install
from infra.cluster import Cluster
from infra.context import Context
from infra.identity import WorkloadIdentity, WorkloadIdentityArgs


@dataclass(frozen=True)
class NodeAgentsArgs:
    """The cluster whose nodes get the agents."""

    context: Context
    cluster: Cluster


class NodeAgents(pulumi.ComponentResource):
    """DaemonSets that are installed before there are nodes: give this as a dependency to the node pools.

    Node groups count the addresses of a node when they are made, so prefix delegation has to be on by then.
    """

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
        install("vpc-cni", args.cluster, parent=self, configuration=cni, role_arn=identity.role_arn)
        # These need no role: kube-proxy calls the API server only, the agent calls eks-auth as the node that it runs on.
        install("kube-proxy", args.cluster, parent=self)
        install("eks-pod-identity-agent", args.cluster, parent=self)
        self.register_outputs({})
