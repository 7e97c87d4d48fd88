"""Add-ons whose pods need a node to run on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from infra.addons.addon import install
from infra.addons.cert_manager import CertManager
from infra.addons.container_insights import ContainerInsights, ContainerInsightsArgs
from infra.addons.ebs_csi_driver import EbsCsiDriver, EbsCsiDriverArgs
from infra.addons.spread import spread
from infra.cluster import Cluster
from infra.context import Context
from infra.nodepools import POOL_LABEL

GUARDDUTY = "guardduty"
_COREDNS: Mapping[str, Any] = {
    "replicaCount": 2,
    "nodeSelector": {POOL_LABEL: "system"},
    "podDisruptionBudget": {"enabled": True, "maxUnavailable": 1},
    "topologySpreadConstraints": spread({"k8s-app": "kube-dns"}),
}


@dataclass(frozen=True)
class AddonsArgs:
    """`inherited` names the services that somebody else runs; with `guardduty` its agent is theirs to install."""

    context: Context
    cluster: Cluster
    volumes_key_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    inherited: frozenset[str]


class Addons(pulumi.ComponentResource):
    """Names, metrics, certificates, volumes, logs and watch over the nodes: give the node pools as a dependency."""

    def __init__(self, name: str, args: AddonsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:cluster:Addons", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        install("coredns", args.cluster, parent=self, configuration=_COREDNS)
        # Two replicas by default, kept off the GPU nodes by their taint; it asks kubelets, not AWS.
        install("metrics-server", args.cluster, parent=self)
        CertManager("cert-manager", args.cluster, here)
        # Tells node auto repair what ails a node; it writes conditions to the API server, and nothing to AWS.
        install("eks-node-monitoring-agent", args.cluster, parent=self)
        EbsCsiDriver("ebs-csi-driver", EbsCsiDriverArgs(args.context, args.cluster, args.volumes_key_arn), here)
        ContainerInsights(
            "container-insights", ContainerInsightsArgs(args.context, args.cluster, args.logs_key_arn), here
        )
        if GUARDDUTY not in args.inherited:
            # It signs as the node that it runs on, and reports through the endpoint guardduty-data.
            install("aws-guardduty-agent", args.cluster, parent=self)
        self.register_outputs({})
