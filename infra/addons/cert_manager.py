"""cert-manager: certificates for the connections inside the cluster, renewed before they end."""

from collections.abc import Mapping
from typing import Any

import pulumi

from infra.addons.addon import install
from infra.addons.spread import spread
from infra.cluster import Cluster
from infra.nodepools import POOL_LABEL

ADDON = "cert-manager"
WEBHOOK_PORT = 10260
"""Where the add-on's admission webhook listens. The Helm chart's own port is the kubelet's, 10250; AWS's add-on is built
with another: https://github.com/terraform-aws-modules/terraform-aws-eks/pull/3622"""


class CertManager(pulumi.ComponentResource):
    """The add-on with a second replica of each part, on the system pool. It has no issuer: the workloads make theirs.

    It calls the API server only, so that it has no role in AWS. Beyond what is set here the add-on's defaults hold: its
    configuration is a choice of the Helm chart's values, and an unknown key would be refused.
    """

    def __init__(self, name: str, cluster: Cluster, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:cluster:CertManager", name, None, opts)
        # One controller and one injector lead at a time, the others wait; every webhook answers.
        configuration = {**_part("controller"), "webhook": _part("webhook"), "cainjector": _part("cainjector")}
        install(ADDON, cluster, parent=self, configuration=configuration)
        self.register_outputs({})


def _part(component: str) -> Mapping[str, Any]:
    return {
        "replicaCount": 2,
        "nodeSelector": {POOL_LABEL: "system"},
        "topologySpreadConstraints": spread({"app.kubernetes.io/component": component}),
    }
