"""The stack's namespaces, by what is trusted in them: restricted pods, and no connection that nobody asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_kubernetes.core.v1 import Namespace
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

GATEWAY, INFERENCE, OBSERVABILITY, SYSTEM, AUDIT = "gateway", "inference", "observability", "system", "audit"
LOADTEST = "loadtest"
NAMESPACE_LABEL = "kubernetes.io/metadata.name"
METRICS_PORTS = {INFERENCE: 8002, SYSTEM: 9400}
"""Where Triton and the DCGM exporter tell their metrics, by namespace."""


@dataclass(frozen=True)
class Space:
    """One namespace; `trust` says what its pods see. `enforced` is the level of Pod Security that refuses pods."""

    name: str
    trust: str
    enforced: Literal["restricted", "privileged"] = "restricted"


SPACES = (
    Space(GATEWAY, "Sees text with PHI and callers' tokens, and calls Triton alone."),
    Space(INFERENCE, "Sees text from which PHI was taken out, and holds the models."),
    Space(OBSERVABILITY, "Sees numbers: reads the metrics of the others and nothing else."),
    Space(AUDIT, "Sees who asked the gateway and when, and no text: brings its audit records into the archive."),
    # Below `privileged` no pod may mount the node's sockets and devices, which these two DaemonSets are there to serve.
    # An admission policy narrows it again to exactly their host paths, and warnings tell of every other pod.
    Space(SYSTEM, "Sees the nodes' GPUs: device plugin and DCGM exporter, and no request.", enforced="privileged"),
)
LOADTEST_SPACE = Space(LOADTEST, "Sends the gateway texts that are nobody's, and sees its answers.")
"""There only where the configuration names a caller in it."""
NAMES = tuple(space.name for space in (*SPACES, LOADTEST_SPACE))
"""All that may be there: rights and admission hold them whether they are or not."""


def spaces(*, load_tested: bool) -> tuple[Space, ...]:
    """Those of a stack."""
    return (*SPACES, LOADTEST_SPACE) if load_tested else SPACES


def peer(namespace: str, labels: Mapping[str, str] | None = None) -> NetworkPolicyPeerArgs:
    """The pods of a namespace at one end of a connection: all of them, or those with `labels`."""
    return NetworkPolicyPeerArgs(
        namespace_selector=LabelSelectorArgs(match_labels={NAMESPACE_LABEL: namespace}),
        pod_selector=LabelSelectorArgs(match_labels=labels) if labels else None,
    )


def from_observability(port: int) -> NetworkPolicyIngressRuleArgs:
    """Whoever collects metrics, which hold counts and durations and nothing of a request."""
    return NetworkPolicyIngressRuleArgs(
        from_=[peer(OBSERVABILITY)], ports=[NetworkPolicyPortArgs(port=port, protocol="TCP")]
    )


@dataclass(frozen=True)
class NamespacesArgs:
    """`kubernetes_version` is the cluster's, such as "1.35": what Pod Security asks stays what was tested with it."""

    kubernetes_version: str
    load_tested: bool = False


class Namespaces(pulumi.ComponentResource):
    """Namespaces with Pod Security, default-deny in both directions, and DNS.

    Give it as a dependency to whatever lives in them, so that nothing runs before its policies.
    """

    def __init__(self, name: str, args: NamespacesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Namespaces", name, None, opts)
        self._pinned = f"v{args.kubernetes_version}"
        for space in spaces(load_tested=args.load_tested):
            namespace = self._namespace(space)
            self._policy("default-deny", namespace, space, policy_types=["Ingress", "Egress"])
            self._policy("dns", namespace, space, policy_types=["Egress"], egress=[_dns()])
            if space.name == OBSERVABILITY:
                self._policy("metrics", namespace, space, policy_types=["Egress"], egress=_metrics())
        self.register_outputs({})

    def _namespace(self, space: Space) -> Namespace:
        levels: dict[str, str] = {"enforce": space.enforced, "warn": "restricted", "audit": "restricted"}
        labels: dict[str, str] = {"app.kubernetes.io/part-of": "inference"}
        for mode, level in levels.items():
            labels[f"pod-security.kubernetes.io/{mode}"] = level
            labels[f"pod-security.kubernetes.io/{mode}-version"] = self._pinned
        return Namespace(
            space.name,
            metadata=ObjectMetaArgs(name=space.name, labels=labels, annotations={"inference/trust": space.trust}),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _policy(
        self,
        name: str,
        namespace: Namespace,
        space: Space,
        *,
        policy_types: list[str],
        egress: Sequence[NetworkPolicyEgressRuleArgs] | None = None,
    ) -> None:
        """A policy for every pod: what `egress` lists is allowed, and nothing else in the directions that it speaks of."""
        NetworkPolicy(
            f"{space.name}-{name}",
            metadata=ObjectMetaArgs(name=name, namespace=space.name),
            spec=NetworkPolicySpecArgs(pod_selector=LabelSelectorArgs(), policy_types=policy_types, egress=egress),
            opts=pulumi.ResourceOptions(parent=namespace, depends_on=[namespace]),
        )


def _dns() -> NetworkPolicyEgressRuleArgs:
    return NetworkPolicyEgressRuleArgs(
        to=[peer("kube-system", {"k8s-app": "kube-dns"})],
        ports=[NetworkPolicyPortArgs(port=53, protocol=protocol) for protocol in ("UDP", "TCP")],
    )


def _metrics() -> list[NetworkPolicyEgressRuleArgs]:
    """To the ports with metrics; which pods answer there, the namespaces' own policies say."""
    return [
        NetworkPolicyEgressRuleArgs(
            to=[peer(namespace)],
            ports=[NetworkPolicyPortArgs(port=port, protocol="TCP")],
        )
        for namespace, port in METRICS_PORTS.items()
    ]
