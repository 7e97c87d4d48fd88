"""The gateway: the only way to Triton; authenticates callers and de-identifies their text."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, ConfigMapVolumeSourceArgs, VolumeArgs, VolumeMountArgs
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    IPBlockArgs,
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
)

from infra.config_types import Auth, WorkloadSize
from infra.workloads import certificates, namespaces, priorities, triton
from infra.workloads.inference_service import InferenceService, InferenceServiceArgs
from infra.workloads.pod import Probes

NAME = "gateway"
PORT = 8443
NODE_PORT = 30043
"""Port of every node at which the load balancer reaches a gateway on that node.

One of those (30000 to 30085) that Kubernetes gives to a Service that names none only when all others are taken:
https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions
"""
START_TIMEOUT_S = 600
"""Triton's image and model may take minutes to arrive on a new GPU node."""
_CONFIG_DIR = "/etc/gateway"


@dataclass(frozen=True)
class HealthCheck:
    """How the load balancer finds out where a gateway is, and that it is about to stop."""

    path: str = "/healthz"
    interval_s: int = 5
    timeout_s: int = 4
    changes_after: int = 2
    """Answers in a row that turn a node healthy, or unhealthy."""

    @property
    def noticed_s(self) -> int:
        """Seconds until even an answer that does not come is noticed."""
        return self.interval_s * self.changes_after + self.timeout_s


HEALTH_CHECK = HealthCheck()


@dataclass(frozen=True)
class GatewayArgs:
    """`auth` says whose tokens count; `triton_url` is a gRPC target that resolves to every Triton pod.

    `edge_cidrs` are the subnets of the load balancer.
    """

    image: pulumi.Input[str]
    size: WorkloadSize
    auth: Auth
    triton_url: str
    edge_cidrs: Sequence[str]


class Gateway(pulumi.ComponentResource):
    """Only the load balancer may call it, over TLS and with a caller's token; it may call Triton and nothing else.

    Its certificate says who it is on both sides: to the load balancer, and to Triton's proxy, which admits no other name.
    """

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Gateway", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        keys = ConfigMap(
            f"{NAME}-jwks",
            metadata=ObjectMetaArgs(namespace=namespaces.GATEWAY),
            immutable=True,
            data={"jwks.json": args.auth.jwks.model_dump_json()},
            opts=here,
        )
        certificate = certificates.leaf(
            NAME,
            namespace=namespaces.GATEWAY,
            names=certificates.service_names(NAME, namespaces.GATEWAY),
            usages=[certificates.SERVER, certificates.CLIENT],
            opts=here,
        )
        InferenceService(
            NAME,
            InferenceServiceArgs(
                namespace=namespaces.GATEWAY,
                component="gateway",
                priority_class=priorities.GATEWAY,
                image=args.image,
                size=args.size,
                ports={"https": PORT},
                node_ports={"https": NODE_PORT},
                # A gateway that never reached Triton takes no other one's place. Later, one whose Triton went away stays
                # in service: it is what tells callers so, and when to come back.
                probes=Probes(
                    port="https",
                    scheme="HTTPS",
                    live="/livez",
                    ready="/livez",
                    start="/readyz",
                    start_timeout_s=START_TIMEOUT_S,
                ),
                env={
                    "GATEWAY_TRITON_URL": args.triton_url,
                    "GATEWAY_AUTH_ISSUER": args.auth.issuer,
                    "GATEWAY_AUTH_AUDIENCE": args.auth.audience,
                    "GATEWAY_AUTH_JWKS_FILE": f"{_CONFIG_DIR}/jwks.json",
                    "GATEWAY_DRAIN_S": str(HEALTH_CHECK.noticed_s),
                    # What it shows to the load balancer and, as a client, to Triton.
                    "GATEWAY_TLS_CERTIFICATE": f"{certificates.MOUNT_PATH}/tls.crt",
                    "GATEWAY_TLS_KEY": f"{certificates.MOUNT_PATH}/tls.key",
                    "GATEWAY_TRITON_CA": f"{certificates.MOUNT_PATH}/ca.crt",
                },
                volumes=[
                    VolumeArgs(name="auth", config_map=ConfigMapVolumeSourceArgs(name=keys.metadata.name)),
                    certificate,
                ],
                mounts=[
                    VolumeMountArgs(name="auth", mount_path=_CONFIG_DIR, read_only=True),
                    certificates.mount(),
                ],
                ingress=[_from_load_balancer(args.edge_cidrs)],
                egress=[_to_triton()],
            ),
            here,
        )
        self.register_outputs({})


def _from_load_balancer(cidrs: Sequence[str]) -> NetworkPolicyIngressRuleArgs:
    """By address, which the node port leaves as it is: nothing but the load balancer is in its subnets."""
    return NetworkPolicyIngressRuleArgs(
        from_=[NetworkPolicyPeerArgs(ip_block=IPBlockArgs(cidr=cidr)) for cidr in cidrs],
        ports=[NetworkPolicyPortArgs(port=PORT, protocol="TCP")],
    )


def _to_triton() -> NetworkPolicyEgressRuleArgs:
    pods = namespaces.peer(namespaces.INFERENCE, {"app.kubernetes.io/name": triton.NAME})
    return NetworkPolicyEgressRuleArgs(
        to=[pods], ports=[NetworkPolicyPortArgs(port=triton.PORTS["grpc"], protocol="TCP")]
    )
