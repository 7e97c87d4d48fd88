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

from infra.config_auth import Auth
from infra.config_types import GatewaySize
from infra.workloads import audit_outlet, callers, certificates, namespaces, priorities, triton
from infra.workloads.audit_outlet import AuditOutlet
from infra.workloads.callers import MachineCaller
from infra.workloads.inference_service import InferenceService, InferenceServiceArgs
from infra.workloads.pod import Probes, field_variable

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
    """`auth` says whose tokens and certificates count; `triton_url` is a gRPC target that resolves to every Triton pod.

    `edge_cidrs` are the subnets of the load balancer. `documented`: it serves its OpenAPI document too.
    """

    image: pulumi.Input[str]
    size: GatewaySize
    auth: Auth
    triton_url: str
    edge_cidrs: Sequence[str]
    documented: bool = False


class Gateway(pulumi.ComponentResource):
    """Only the load balancer and configured callers may call it, over TLS; it may call Triton and nothing else.

    Its certificate says who it is on both sides: to the load balancer, and to Triton's proxy, which admits no other name.
    """

    def __init__(self, name: str, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Gateway", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        # Not immutable: the kubelet brings another key set to the pods, and they read it without a restart.
        known = ConfigMap(
            f"{NAME}-auth",
            metadata=ObjectMetaArgs(namespace=namespaces.GATEWAY),
            data={"jwks.json": args.auth.jwks.model_dump_json(), **callers.mapping(args.auth.callers)},
            opts=here,
        )
        for caller in args.auth.callers:
            MachineCaller(caller.service, caller, port=PORT, opts=here)
        certificate = certificates.leaf(
            NAME,
            namespace=namespaces.GATEWAY,
            names=certificates.service_names(NAME, namespaces.GATEWAY),
            usages=[certificates.SERVER, certificates.CLIENT],
            opts=here,
        )
        outlet = AuditOutlet.of(NAME, args.image, here)
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
                    "GATEWAY_AUDIT_VERSION": args.image,
                    "GATEWAY_AUDIT_DIR": audit_outlet.FOLDER,
                    "GATEWAY_AUDIT_MAX_MIB": str(audit_outlet.MAX_MIB),
                    "GATEWAY_TRITON_URL": args.triton_url,
                    "GATEWAY_AUTH_ISSUER": args.auth.issuer,
                    "GATEWAY_AUTH_AUDIENCE": args.auth.audience,
                    "GATEWAY_AUTH_JWKS_FILE": f"{_CONFIG_DIR}/jwks.json",
                    "GATEWAY_AUTH_MAX_LIFETIME_S": str(args.auth.max_lifetime_seconds),
                    "GATEWAY_AUTH_ACCEPT_TYP_JWT": str(args.auth.accept_typ_jwt).lower(),
                    # Without it no client is asked for a certificate.
                    **({"GATEWAY_AUTH_CALLERS_FILE": f"{_CONFIG_DIR}/{callers.FILE}"} if args.auth.callers else {}),
                    "GATEWAY_DOCS": str(args.documented).lower(),
                    "GATEWAY_DRAIN_S": str(HEALTH_CHECK.noticed_s),
                    "GATEWAY_RATE_REQUESTS_PER_MINUTE": str(args.size.limits.requests_per_minute),
                    "GATEWAY_RATE_TEXTS_PER_MINUTE": str(args.size.limits.texts_per_minute),
                    "GATEWAY_RATE_CONCURRENCY": str(args.size.limits.concurrency),
                    # By DNS, which it may reach, it learns among how many gateways a caller's limits are divided.
                    "GATEWAY_RATE_REPLICAS_NAME": f"{NAME}-headless.{namespaces.GATEWAY}.svc.cluster.local",
                    "GATEWAY_RATE_MAX_REPLICAS": str(args.size.most_pods),
                    # What it shows to the load balancer and, as a client, to Triton.
                    "GATEWAY_TLS_CERTIFICATE": f"{certificates.MOUNT_PATH}/tls.crt",
                    "GATEWAY_TLS_KEY": f"{certificates.MOUNT_PATH}/tls.key",
                    "GATEWAY_TRITON_CA": f"{certificates.MOUNT_PATH}/ca.crt",
                },
                field_env=[field_variable("GATEWAY_AUDIT_INSTANCE", "metadata.name")],
                sidecars=[outlet.container],
                sidecars_s=audit_outlet.FETCHED_S,
                volumes=[
                    outlet.volume,
                    VolumeArgs(name="auth", config_map=ConfigMapVolumeSourceArgs(name=known.metadata.name)),
                    certificate,
                ],
                mounts=[
                    outlet.mount,
                    VolumeMountArgs(name="auth", mount_path=_CONFIG_DIR, read_only=True),
                    certificates.mount(),
                ],
                ingress=[
                    _from_load_balancer(args.edge_cidrs),
                    *callers.ingress(args.auth.callers, port=PORT),
                    outlet.ingress,
                ],
                egress=[_to_triton()],
                headless=True,
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
