"""The sidecar that ends mutual TLS before a gRPC server which could not change its certificate without a restart."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    ConfigMap,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    ContainerPortArgs,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.workloads.certificates import MOUNT_PATH, mount
from infra.workloads.envoy import READY_PATH, Envoy
from infra.workloads.pod import Probes, container_security_context, probe, resources

NAME = "tls-proxy"
HEALTH_PORT = 8003
CONNECTION_S = 10
"""How soon a client learns of a pod that came, or leaves one that goes: gRPC looks up a name when a connection ends."""
DRAIN_S = 2 * CONNECTION_S
"""How long a server that goes has to answer: until a client that looked up the name just too early has done so again."""
_CONFIGURATION = "/etc/envoy"


@dataclass(frozen=True, kw_only=True)
class TlsProxyArgs:
    """It listens at `port` for holders of a certificate with the DNS name `client`, and forwards to loopback.

    `port_name` is the port's name, by which Services find it.
    """

    image: pulumi.Input[str]
    namespace: str
    port_name: str
    port: int
    upstream_port: int
    client: str


@dataclass(frozen=True)
class TlsProxy:
    """Parts of a pod: the native sidecar and the volume of its configuration. The Secret's volume is the certificate's."""

    container: ContainerArgs
    volume: VolumeArgs

    @classmethod
    def of(cls, workload: str, args: TlsProxyArgs, opts: pulumi.ResourceOptions) -> "TlsProxy":
        """The sidecar of one workload; makes its ConfigMap, whose name changes with its content, so that pods roll."""
        envoy = Envoy(
            port=args.port,
            health_port=HEALTH_PORT,
            upstream_port=args.upstream_port,
            certificates=MOUNT_PATH,
            configuration=_CONFIGURATION,
            client=args.client,
            connection_s=CONNECTION_S,
        )
        files = ConfigMap(
            f"{workload}-{NAME}",
            metadata=ObjectMetaArgs(namespace=args.namespace),
            immutable=True,
            data=envoy.files(),
            opts=opts,
        )
        volume = VolumeArgs(name=NAME, config_map=ConfigMapVolumeSourceArgs(name=files.metadata.name))
        return cls(container=_container(args, envoy), volume=volume)


def _container(args: TlsProxyArgs, envoy: Envoy) -> ContainerArgs:
    ready = Probes(port="proxy-health", scheme="HTTPS", live=READY_PATH, ready=READY_PATH, start=READY_PATH)
    return ContainerArgs(
        name=NAME,
        image=args.image,
        image_pull_policy="IfNotPresent",
        # An init container that stays: it starts before the server and is stopped after it, so no answer is cut off.
        restart_policy="Always",
        args=envoy.arguments,
        ports=[
            ContainerPortArgs(name=args.port_name, container_port=args.port),
            ContainerPortArgs(name=ready.port, container_port=HEALTH_PORT),
        ],
        resources=resources(cpu_millis=50, cpu_limit_millis=500, memory_mib=96),
        security_context=container_security_context(),
        termination_message_policy="FallbackToLogsOnError",
        volume_mounts=[mount(), VolumeMountArgs(name=NAME, mount_path=_CONFIGURATION, read_only=True)],
        startup_probe=probe(ready, ready.start, period_s=1, failures=60),
        readiness_probe=probe(ready, ready.ready, period_s=5, failures=2),
        liveness_probe=probe(ready, ready.live, period_s=10, failures=3),
    )
