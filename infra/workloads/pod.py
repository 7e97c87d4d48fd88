"""What every pod of ours has in common: who it runs as and what it may touch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi_kubernetes.core.v1 import (
    CapabilitiesArgs,
    ContainerPortArgs,
    EmptyDirVolumeSourceArgs,
    EnvVarArgs,
    EnvVarSourceArgs,
    HTTPGetActionArgs,
    ObjectFieldSelectorArgs,
    PodSecurityContextArgs,
    ProbeArgs,
    ResourceRequirementsArgs,
    SeccompProfileArgs,
    SecurityContextArgs,
    TolerationArgs,
    VolumeArgs,
    VolumeMountArgs,
)

from infra.nodepools import GPU_TAINT

USER = 65532
"""The images' own user; it owns nothing outside its volumes."""


@dataclass(frozen=True)
class Probes:
    """Paths on the named port. A failing `live` restarts the pod, a failing `ready` only takes it out of service.

    With HTTPS the kubelet takes any certificate.
    """

    port: str
    live: str
    ready: str
    start: str
    start_timeout_s: int = 180
    scheme: Literal["HTTP", "HTTPS"] = "HTTP"


def recommended_labels(name: str, component: str) -> dict[str, str]:
    """Of a pod and of what belongs to it; `name` selects it.

    https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    """
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/component": component,
        "app.kubernetes.io/part-of": "inference",
        "app.kubernetes.io/managed-by": "pulumi",
    }


def gpu_toleration() -> TolerationArgs:
    """Lets a pod onto the nodes of the GPU pool."""
    return TolerationArgs(key=GPU_TAINT, operator="Equal", value="true", effect="NoSchedule")


def pod_security_context() -> PodSecurityContextArgs:
    """Non-root, with the runtime's seccomp profile."""
    return PodSecurityContextArgs(
        run_as_non_root=True,
        run_as_user=USER,
        run_as_group=USER,
        fs_group=USER,
        seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
    )


def container_security_context() -> SecurityContextArgs:
    """No capability, no way to gain one, nothing to write on but the mounted volumes."""
    return SecurityContextArgs(
        allow_privilege_escalation=False,
        read_only_root_filesystem=True,
        run_as_non_root=True,
        run_as_user=USER,
        capabilities=CapabilitiesArgs(drop=["ALL"]),
        seccomp_profile=SeccompProfileArgs(type="RuntimeDefault"),
    )


def resources(*, cpu_millis: int, cpu_limit_millis: int, memory_mib: int, gpus: int = 0) -> ResourceRequirementsArgs:
    """Requests and limits; GPUs, which cannot be shared, are both."""
    gpu = {"nvidia.com/gpu": str(gpus)} if gpus else {}
    memory = f"{memory_mib}Mi"
    return ResourceRequirementsArgs(
        requests={"cpu": f"{cpu_millis}m", "memory": memory, **gpu},
        limits={"cpu": f"{cpu_limit_millis}m", "memory": memory, **gpu},
    )


def probe(paths: Probes, path: str, *, period_s: int, failures: int) -> ProbeArgs:
    """A probe that fails after `failures` failures in a row."""
    return ProbeArgs(
        http_get=HTTPGetActionArgs(path=path, port=paths.port, scheme=paths.scheme),
        period_seconds=period_s,
        timeout_seconds=3,
        failure_threshold=failures,
    )


def container_ports(ports: Mapping[str, int]) -> list[ContainerPortArgs]:
    """Named TCP ports."""
    return [ContainerPortArgs(name=name, container_port=port) for name, port in ports.items()]


def environment(values: Mapping[str, pulumi.Input[str]]) -> list[EnvVarArgs]:
    """Plain variables, sorted so that their order never rolls a pod."""
    return [EnvVarArgs(name=name, value=value) for name, value in sorted(values.items())]


def field_variable(name: str, path: str) -> EnvVarArgs:
    """A variable that the kubelet fills from the pod's own metadata."""
    return EnvVarArgs(name=name, value_from=EnvVarSourceArgs(field_ref=ObjectFieldSelectorArgs(field_path=path)))


def scratch(name: str, path: str, *, size_mib: int, memory: bool = False) -> tuple[VolumeArgs, VolumeMountArgs]:
    """An empty volume of bounded size that dies with the pod; in memory if asked."""
    volume = VolumeArgs(
        name=name,
        empty_dir=EmptyDirVolumeSourceArgs(size_limit=f"{size_mib}Mi", medium="Memory" if memory else None),
    )
    return volume, VolumeMountArgs(name=name, mount_path=path)
