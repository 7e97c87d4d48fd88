"""Workloads of the cluster that call the gateway with a certificate in a token's place."""

import json
from collections.abc import Sequence

import pulumi
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicy,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPortArgs,
    NetworkPolicySpecArgs,
)

from infra.config_auth import Caller
from infra.workloads import certificates, namespaces

FILE = "callers.yaml"
_GATEWAY = {"app.kubernetes.io/name": "gateway"}


def san(caller: Caller) -> str:
    """The name by which the gateway knows it: its Service's, in full."""
    return certificates.service_names(caller.service, caller.namespace)[0]


def mapping(callers: Sequence[Caller]) -> dict[str, str]:
    """The file of a ConfigMap that says what each may do, in JSON, which is YAML; none where there is no caller."""
    listed = [{"san": san(each), "scopes": list(each.scopes)} for each in callers]
    return {FILE: json.dumps({"callers": listed})} if listed else {}


def ingress(callers: Sequence[Caller], *, port: int) -> list[NetworkPolicyIngressRuleArgs]:
    """Admits the pods of these callers, and no others, to a port of the gateway."""
    return [
        NetworkPolicyIngressRuleArgs(
            from_=[namespaces.peer(each.namespace, _pods(each))],
            ports=[NetworkPolicyPortArgs(port=port, protocol="TCP")],
        )
        for each in callers
    ]


class MachineCaller(pulumi.ComponentResource):
    """What a caller's own Deployment needs: the Secret `<service>-tls`, to be mounted, and a way to the gateway.

    cert-manager renews the certificate, which is good as a client only and so serves nobody who steals it as a server.
    """

    def __init__(self, name: str, caller: Caller, *, port: int, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:MachineCaller", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        certificates.leaf(
            caller.service,
            namespace=caller.namespace,
            names=[san(caller)],
            usages=[certificates.CLIENT],
            opts=here,
        )
        NetworkPolicy(
            f"{caller.service}-to-gateway",
            metadata=ObjectMetaArgs(name=f"{caller.service}-to-gateway", namespace=caller.namespace),
            spec=NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(match_labels=_pods(caller)),
                policy_types=["Egress"],
                egress=[
                    NetworkPolicyEgressRuleArgs(
                        to=[namespaces.peer(namespaces.GATEWAY, _GATEWAY)],
                        ports=[NetworkPolicyPortArgs(port=port, protocol="TCP")],
                    )
                ],
            ),
            opts=here,
        )
        self.register_outputs({})


def _pods(caller: Caller) -> dict[str, str]:
    return {"app.kubernetes.io/name": caller.service}
