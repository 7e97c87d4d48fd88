"""The gateway's audit trail in its pod: a volume, and the sidecar that lets the collector fetch from it.

The collector comes to the pod, so that the gateway's network policy lets out no more than before. Only the collector's
pods may open the port, and only its certificate gets an answer.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    ContainerArgs,
    ContainerPortArgs,
    ProbeArgs,
    Service,
    ServicePortArgs,
    ServiceSpecArgs,
    TCPSocketActionArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicyIngressRuleArgs, NetworkPolicyPortArgs

from infra.workloads import certificates, namespaces
from infra.workloads.pod import container_security_context, recommended_labels, resources, scratch

NAME = "audit-outlet"
SERVICE = "gateway-audit"
PORT = 8444
FOLDER = "/var/log/audit"
COLLECTOR = "audit-collector"
MAX_MIB = 512
"""What the trail may take: over a million records that the collector has not come for."""
FETCHED_S = 30
"""Seconds for which the sidecar of a pod that goes waits for the collector, which comes every five."""
# The kubelet evicts a pod whose volume is over its limit, and the records with it.
_SPARE_MIB = 64


@dataclass(frozen=True)
class AuditOutlet:
    """Parts of the gateway's pod."""

    container: ContainerArgs
    volume: VolumeArgs
    mount: VolumeMountArgs
    ingress: NetworkPolicyIngressRuleArgs

    @classmethod
    def of(cls, gateway: str, image: pulumi.Input[str], opts: pulumi.ResourceOptions) -> "AuditOutlet":
        """Makes the Service by which the collector finds every pod, those that start and those that go included."""
        volume, mount = scratch("audit", FOLDER, size_mib=MAX_MIB + _SPARE_MIB)
        Service(
            SERVICE,
            metadata=ObjectMetaArgs(
                name=SERVICE, namespace=namespaces.GATEWAY, labels=recommended_labels(gateway, "gateway")
            ),
            spec=ServiceSpecArgs(
                type="ClusterIP",
                cluster_ip="None",
                publish_not_ready_addresses=True,
                selector={"app.kubernetes.io/name": gateway},
                ports=[ServicePortArgs(name="audit", port=PORT, target_port="audit")],
            ),
            opts=opts,
        )
        collector = namespaces.peer(namespaces.AUDIT, {"app.kubernetes.io/name": COLLECTOR})
        ingress = NetworkPolicyIngressRuleArgs(
            from_=[collector], ports=[NetworkPolicyPortArgs(port=PORT, protocol="TCP")]
        )
        return cls(_container(image, mount), volume, mount, ingress)


def _container(image: pulumi.Input[str], volume: VolumeMountArgs) -> ContainerArgs:
    return ContainerArgs(
        name=NAME,
        image=image,
        image_pull_policy="IfNotPresent",
        # An init container that stays: it is stopped after the gateway, when the last record is written.
        restart_policy="Always",
        command=["/opt/venv/bin/python", "-m", "services.gateway.audit", "serve"],
        ports=[ContainerPortArgs(name="audit", container_port=PORT)],
        resources=resources(cpu_millis=10, cpu_limit_millis=500, memory_mib=128),
        security_context=container_security_context(),
        termination_message_policy="FallbackToLogsOnError",
        volume_mounts=[volume, certificates.mount()],
        # The kubelet has no certificate to show: it looks whether somebody listens.
        startup_probe=_listening(period_s=1, failures=60),
        readiness_probe=_listening(period_s=10, failures=3),
        liveness_probe=_listening(period_s=10, failures=3),
    )


def _listening(*, period_s: int, failures: int) -> ProbeArgs:
    return ProbeArgs(
        tcp_socket=TCPSocketActionArgs(port="audit"),
        period_seconds=period_s,
        timeout_seconds=3,
        failure_threshold=failures,
    )
