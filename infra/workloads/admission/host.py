"""The node: pods see nothing of it but the GPUs that they request, and the directories that the GPU's DaemonSets need."""

from dataclasses import dataclass

from infra.workloads.admission import pods
from infra.workloads.admission.policy import Policy, Rule, quoted
from infra.workloads.namespaces import SYSTEM


@dataclass(frozen=True)
class HostPath:
    """A directory of the node for pods of `system` with the label app.kubernetes.io/name: `app`."""

    app: str
    path: str
    writable: bool = False


HOST_PATHS = (
    HostPath("nvidia-device-plugin", "/var/lib/kubelet/device-plugins", writable=True),
    HostPath("dcgm-exporter", "/var/lib/kubelet/pod-resources"),
)
"""The sockets at which the kubelet is told of GPUs, and asked which pod has which."""
GPU_VARIABLES = ("NVIDIA_VISIBLE_DEVICES", "CUDA_VERSION")
"""What NVIDIA's runtime gives a container GPUs for: all of them, for the second where the first is not set.
https://github.com/NVIDIA/nvidia-container-toolkit/blob/main/internal/config/image/cuda_image.go"""

_READ_ONLY = (
    "variables.containers.all(c, c.?volumeMounts.orValue([]).all(m, m.name != v.name || m.?readOnly.orValue(false)))"
)


def _needed(path: HostPath) -> str:
    """CEL: whether volume `v` is this one."""
    its_own = f"variables.app == {quoted(path.app)} && v.hostPath.path == {quoted(path.path)}"
    return f"({its_own})" if path.writable else f"({its_own} && {_READ_ONLY})"


def _outside_system(offenders: str) -> str:
    """CEL: the offenders, which are none in `system`."""
    return f"request.namespace == '{SYSTEM}' ? [] : {offenders}"


_NEEDED = f"request.namespace == '{SYSTEM}' && ({' || '.join(map(_needed, HOST_PATHS))})"

POLICY = Policy(
    name="inference-host",
    resources=pods.RESOURCES,
    conditions=pods.CONDITIONS,
    variables=pods.VARIABLES,
    rules=(
        Rule(
            "gpus",
            _outside_system(pods.containers(f"c.?env.orValue([]).exists(e, e.name in {quoted(GPU_VARIABLES)})")),
            f"container {{}}: {' or '.join(GPU_VARIABLES)} would show it every GPU of the node; leave the variable out and "
            "request nvidia.com/gpu in resources.limits.",
        ),
        Rule(
            "unnamedVariables",
            _outside_system(pods.containers("size(c.?envFrom.orValue([])) > 0")),
            f"container {{}}: envFrom could bring {GPU_VARIABLES[0]} unseen; name each variable in env.",
        ),
        Rule(
            "hostNamespaces",
            "(variables.spec.?hostNetwork.orValue(false) ? ['hostNetwork'] : []) + "
            "(variables.spec.?hostPID.orValue(false) ? ['hostPID'] : []) + "
            "(variables.spec.?hostIPC.orValue(false) ? ['hostIPC'] : [])",
            "{} puts the pod into the node's own network or processes; remove it.",
        ),
        Rule(
            "hostPorts",
            pods.containers("c.?ports.orValue([]).exists(p, p.?hostPort.orValue(0) != 0)"),
            "container {}: hostPort opens a port of the node past the NetworkPolicies; use a Service.",
        ),
        Rule(
            "hostFolders",
            f"variables.volumes.filter(v, has(v.hostPath) && !({_NEEDED})).map(v, v.name)",
            "volume {}: hostPath shows the pod the node's files; use an emptyDir. Only the GPU's DaemonSets in `system` have "
            "one each, at the path and with the access that HOST_PATHS in infra/workloads/admission/host.py lists.",
        ),
    ),
)
