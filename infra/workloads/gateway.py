"""The gateway: the only way to Triton; authenticates callers and de-identifies their text."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import ConfigMap, ConfigMapVolumeSourceArgs, VolumeArgs, VolumeMountArgs
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import (
    NetworkPolicyEgressRuleArgs,
    NetworkPolicyIngressRuleArgs,
    NetworkPolicyPeerArgs,
    NetworkPolicyPortArgs,
)

from infra.config_types import Auth, WorkloadSize
from infra.workloads import namespaces, triton
from infra.workloads.inference_service import InferenceService, InferenceServiceArgs
from infra.workloads.pod import Probes

NAME = "gateway"
PORT = 8080
_CONFIG_DIR = "/etc/gateway"


@dataclass(frozen=True)
class GatewayArgs:
    """`auth` says whose tokens count; `triton_url` is a gRPC target that resolves to every Triton pod."""

    image: pulumi.Input[str]
    size: WorkloadSize
    auth: Auth
    triton_url: str


class Gateway(pulumi.ComponentResource):
    """Any pod of the cluster may call it, with a token; it may call Triton and nothing else."""

    url: str = f"http://{NAME}.{namespaces.GATEWAY}.svc.cluster.local:{PORT}"

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
        InferenceService(
            NAME,
            InferenceServiceArgs(
                namespace=namespaces.GATEWAY,
                component="gateway",
                image=args.image,
                size=args.size,
                ports={"http": PORT},
                # Ready waits for Triton; starting does not, or a slow Triton would restart the gateway.
                probes=Probes(port="http", live="/livez", ready="/readyz", start="/livez"),
                env={
                    "GATEWAY_TRITON_URL": args.triton_url,
                    "GATEWAY_AUTH_ISSUER": args.auth.issuer,
                    "GATEWAY_AUTH_AUDIENCE": args.auth.audience,
                    "GATEWAY_AUTH_JWKS_FILE": f"{_CONFIG_DIR}/jwks.json",
                },
                volumes=[VolumeArgs(name="auth", config_map=ConfigMapVolumeSourceArgs(name=keys.metadata.name))],
                mounts=[VolumeMountArgs(name="auth", mount_path=_CONFIG_DIR, read_only=True)],
                ingress=[_from_cluster()],
                egress=[_to_triton()],
            ),
            here,
        )
        self.register_outputs({})


def _from_cluster() -> NetworkPolicyIngressRuleArgs:
    anyone = NetworkPolicyPeerArgs(namespace_selector=LabelSelectorArgs())
    return NetworkPolicyIngressRuleArgs(from_=[anyone], ports=[NetworkPolicyPortArgs(port=PORT, protocol="TCP")])


def _to_triton() -> NetworkPolicyEgressRuleArgs:
    pods = NetworkPolicyPeerArgs(
        namespace_selector=LabelSelectorArgs(match_labels={namespaces.NAMESPACE_LABEL: namespaces.INFERENCE}),
        pod_selector=LabelSelectorArgs(match_labels={"app.kubernetes.io/name": triton.NAME}),
    )
    return NetworkPolicyEgressRuleArgs(
        to=[pods], ports=[NetworkPolicyPortArgs(port=triton.PORTS["grpc"], protocol="TCP")]
    )
