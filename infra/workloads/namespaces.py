"""The workloads' namespaces: restricted pods only, and no connection that nobody asked for."""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

GATEWAY = "gateway"
INFERENCE = "inference"
NAMES = (GATEWAY, INFERENCE)
NAMESPACE_LABEL = "kubernetes.io/metadata.name"


class Namespaces(pulumi.ComponentResource):
    """Namespaces with Pod Security `restricted`, default-deny in both directions, and DNS.

    Give it as a dependency to whatever lives in them, so that nothing runs before its policies.
    """

    def __init__(self, name: str, names: Sequence[str] = NAMES, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Namespaces", name, None, opts)
        for namespace in names:
            self._namespace(namespace)
        self.register_outputs({})

    def _namespace(self, name: str) -> None:
        restricted = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}
        namespace = Namespace(
            name,
            metadata=ObjectMetaArgs(name=name, labels={**restricted, "app.kubernetes.io/part-of": "inference"}),
            opts=pulumi.ResourceOptions(parent=self),
        )
        inside = pulumi.ResourceOptions(parent=namespace, depends_on=[namespace])
        everyone = LabelSelectorArgs()
        NetworkPolicy(
            f"{name}-default-deny",
            metadata=ObjectMetaArgs(name="default-deny", namespace=name),
            spec=NetworkPolicySpecArgs(pod_selector=everyone, policy_types=["Ingress", "Egress"]),
            opts=inside,
        )
        NetworkPolicy(
            f"{name}-dns",
            metadata=ObjectMetaArgs(name="dns", namespace=name),
            spec=NetworkPolicySpecArgs(pod_selector=everyone, policy_types=["Egress"], egress=[_dns()]),
            opts=inside,
        )


def _dns() -> NetworkPolicyEgressRuleArgs:
    return NetworkPolicyEgressRuleArgs(
        to=[
            NetworkPolicyPeerArgs(
                namespace_selector=LabelSelectorArgs(match_labels={NAMESPACE_LABEL: "kube-system"}),
                pod_selector=LabelSelectorArgs(match_labels={"k8s-app": "kube-dns"}),
            )
        ],
        ports=[NetworkPolicyPortArgs(port=53, protocol=protocol) for protocol in ("UDP", "TCP")],
    )
