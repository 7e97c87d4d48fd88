"""A DaemonSet on the GPU pool: as little of the node as it needs, and nothing of the cluster."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_kubernetes.apps.v1 import (
    DaemonSet,
    DaemonSetSpecArgs,
    DaemonSetUpdateStrategyArgs,
    RollingUpdateDaemonSetArgs,
)
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ConfigMap,
    ConfigMapVolumeSourceArgs,
    ContainerArgs,
    HostPathVolumeSourceArgs,
    PodSecurityContextArgs,
    PodSpecArgs,
    PodTemplateSpecArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    ServiceAccount,
    VolumeArgs,
    VolumeMountArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, ObjectMetaArgs
from pulumi_kubernetes.networking.v1 import NetworkPolicy, NetworkPolicyIngressRuleArgs, NetworkPolicySpecArgs

from infra.nodepools import POOL_LABEL
from infra.workloads.admission.host import HOST_PATHS, HostPath
from infra.workloads.namespaces import SYSTEM
from infra.workloads.pod import (
    Probes,
    container_ports,
    environment,
    field_variable,
    gpu_toleration,
    probe,
    recommended_labels,
    resources,
    scratch,
)

ALL_GPUS = {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "compute,utility"}
"""What NVIDIA's runtime, the default one of GPU nodes, puts into a container: every GPU, and the driver's libraries."""
_KUBELET = "kubelet"
"""Name of the volume with the kubelet's socket."""


@dataclass(frozen=True)
class GpuDaemonArgs:
    """What one of them runs. `config` holds files by name, mounted at `config_dir`; `ingress` is who may call it."""

    component: str
    image: pulumi.Input[str]
    command: Sequence[str]
    env: Mapping[str, str]
    config_dir: str
    config: Mapping[str, str]
    cpu_millis: int
    cpu_limit_millis: int
    memory_mib: int
    ports: Mapping[str, int] = field(default_factory=dict)
    probes: Probes | None = None
    ingress: Sequence[NetworkPolicyIngressRuleArgs] = ()
    capabilities: Sequence[str] = ()
    """Capabilities beyond none at all."""


class GpuDaemon(pulumi.ComponentResource):
    """ServiceAccount without a token, ConfigMap, NetworkPolicy and DaemonSet; its name says which host path it gets."""

    def __init__(self, name: str, args: GpuDaemonArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:GpuDaemon", name, None, opts)
        self._name, self._args = name, args
        self._selector = {"app.kubernetes.io/name": name}
        self._labels = recommended_labels(name, args.component)
        here = pulumi.ResourceOptions(parent=self)
        policy = NetworkPolicy(
            name,
            metadata=self._metadata(name),
            spec=NetworkPolicySpecArgs(
                pod_selector=LabelSelectorArgs(match_labels=self._selector),
                policy_types=["Ingress", "Egress"],
                ingress=list(args.ingress),
                egress=[],
            ),
            opts=here,
        )
        account = ServiceAccount(name, metadata=self._metadata(name), automount_service_account_token=False, opts=here)
        # Named by Pulumi, so that other content is another ConfigMap and rolls the pods.
        config = ConfigMap(name, metadata=self._metadata(None), immutable=True, data=dict(args.config), opts=here)
        self._daemon_set(_pod(name, args, account=account.metadata.name, config=config.metadata.name), after=policy)
        self.register_outputs({})

    def _metadata(self, name: str | None) -> ObjectMetaArgs:
        return ObjectMetaArgs(name=name, namespace=SYSTEM, labels=self._labels)

    def _daemon_set(self, pod: PodSpecArgs, *, after: pulumi.Resource) -> None:
        DaemonSet(
            self._name,
            metadata=self._metadata(self._name),
            spec=DaemonSetSpecArgs(
                revision_history_limit=3,
                selector=LabelSelectorArgs(match_labels=self._selector),
                # Never two at once on a node: they would register with the kubelet under one name.
                update_strategy=DaemonSetUpdateStrategyArgs(
                    type="RollingUpdate", rolling_update=RollingUpdateDaemonSetArgs(max_surge=0, max_unavailable=1)
                ),
                template=PodTemplateSpecArgs(metadata=ObjectMetaArgs(labels=self._labels), spec=pod),
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )


def _pod(name: str, args: GpuDaemonArgs, *, account: pulumi.Input[str], config: pulumi.Input[str]) -> PodSpecArgs:
    host_path = _host_path(name)
    temporary, temporary_mount = scratch("tmp", "/tmp", size_mib=64)  # noqa: S108 - a volume of the pod's own
    mounts = [
        temporary_mount,
        VolumeMountArgs(name="config", mount_path=args.config_dir, read_only=True),
        VolumeMountArgs(name=_KUBELET, mount_path=host_path.path, read_only=not host_path.writable),
    ]
    return PodSpecArgs(
        service_account_name=account,
        automount_service_account_token=False,
        enable_service_links=False,
        priority_class_name="system-node-critical",
        security_context=PodSecurityContextArgs(seccomp_profile=SeccompProfileArgs(type="RuntimeDefault")),
        containers=[_container(name, args, mounts)],
        volumes=[
            temporary,
            VolumeArgs(name="config", config_map=ConfigMapVolumeSourceArgs(name=config)),
            VolumeArgs(name=_KUBELET, host_path=HostPathVolumeSourceArgs(path=host_path.path, type="Directory")),
        ],
        node_selector={POOL_LABEL: "gpu"},
        tolerations=[gpu_toleration()],
    )


def _container(name: str, args: GpuDaemonArgs, mounts: list[VolumeMountArgs]) -> ContainerArgs:
    paths = args.probes
    return ContainerArgs(
        name=name,
        image=args.image,
        image_pull_policy="IfNotPresent",
        command=list(args.command),
        env=[field_variable("NODE_NAME", "spec.nodeName"), *environment(args.env)],
        ports=container_ports(args.ports),
        resources=resources(
            cpu_millis=args.cpu_millis, cpu_limit_millis=args.cpu_limit_millis, memory_mib=args.memory_mib
        ),
        security_context=_security_context(args.capabilities),
        termination_message_policy="FallbackToLogsOnError",
        volume_mounts=mounts,
        startup_probe=probe(paths, paths.start, period_s=5, failures=paths.start_timeout_s // 5) if paths else None,
        readiness_probe=probe(paths, paths.ready, period_s=10, failures=3) if paths else None,
        liveness_probe=probe(paths, paths.live, period_s=20, failures=3) if paths else None,
    )


def _security_context(capabilities: Sequence[str]) -> SecurityContextArgs:
    """Root, whom the kubelet's folders (mode 0750) and sockets belong to, but without root's capabilities."""
    return SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=False,
        run_as_user=0,
        run_as_group=0,
        capabilities=CapabilitiesArgs(drop=["ALL"], add=list(capabilities) or None),
        seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
    )


def _host_path(name: str) -> HostPath:
    """The one directory of the node that admission lets pods of this name mount."""
    (found,) = [each for each in HOST_PATHS if each.app == name]
    return found
