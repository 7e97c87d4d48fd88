"""Confinement of containers, as the Pod Security Standard "restricted" has it, with three differences.

It is judged at the workload and not only at its pods. It holds in `system` as well, where Pod Security has to admit hostPath
volumes; only the user may be root there: the kubelet's sockets belong to it. And volumes are not made of images, which
the policy of images would not see.
https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
"""

from infra.config_types import GpuSharing, Mig
from infra.workloads.admission import pods
from infra.workloads.admission.host import HOST_PATHS
from infra.workloads.admission.policy import Policy, Rule, quoted
from infra.workloads.namespaces import SYSTEM

VOLUMES = (
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
)
_BY_ANOTHER_POLICY = "hostPath"
_CONTEXT = "c.?securityContext"
_OF_POD = "variables.spec.?securityContext"
_MAY_BE_ROOT = f"request.namespace == '{SYSTEM}' && variables.app in {quoted([each.app for each in HOST_PATHS])}"
_CONFINED = quoted(["RuntimeDefault", "Localhost"])


def _either(field: str, default: str) -> str:
    """A field of the container's security context, else of the pod's, else `default`."""
    return f"{_CONTEXT}.?{field}.orValue({_OF_POD}.?{field}.orValue({default}))"


_RULES = (
    Rule(
        "privileged",
        pods.containers(f"{_CONTEXT}.?privileged.orValue(false) || {_CONTEXT}.?allowPrivilegeEscalation.orValue(true)"),
        "container {}: it is privileged or may become so; set securityContext.allowPrivilegeEscalation to false "
        "and leave privileged out.",
    ),
    Rule(
        "capable",
        pods.containers(
            f"!('ALL' in {_CONTEXT}.?capabilities.?drop.orValue([])) || "
            f"{_CONTEXT}.?capabilities.?add.orValue([]).exists(added, !(added in variables.capabilities))"
        ),
        "container {}: it keeps or adds capabilities; set securityContext.capabilities to drop: [ALL] and add none.",
    ),
    Rule(
        "root",
        pods.containers(
            f"!({_MAY_BE_ROOT}) && (!{_either('runAsNonRoot', 'false')} || {_either('runAsUser', '1')} == 0)"
        ),
        "container {}: it may run as root; set securityContext.runAsNonRoot to true and no runAsUser of 0.",
    ),
    Rule(
        "unconfined",
        pods.containers(
            f"!({_either('seccompProfile.?type', quoted(''))} in {_CONFINED}) || "
            f"{_either('appArmorProfile.?type', quoted(''))} == 'Unconfined' || "
            f"{_CONTEXT}.?procMount.orValue('Default') != 'Default' || "
            f"{_CONTEXT}.?seLinuxOptions.hasValue() || {_OF_POD}.?seLinuxOptions.hasValue()"
        ),
        "container {}: a default confinement is taken off; set securityContext.seccompProfile.type to RuntimeDefault "
        "and leave out procMount, seLinuxOptions and an unconfined appArmorProfile.",
    ),
    Rule(
        "volumeTypes",
        f"variables.volumes.filter(v, !v.all(k, k in {quoted(['name', _BY_ANOTHER_POLICY, *VOLUMES])})).map(v, v.name)",
        f"volume {{}}: its type is not admitted; use one of {', '.join(VOLUMES)}.",
    ),
)


def _capabilities(sharing: GpuSharing | None) -> str:
    """CEL: capabilities that the pod's containers may add. NVIDIA's runtime shows partitions only to who has this one."""
    if not isinstance(sharing, Mig):
        return "[]"
    return f"request.namespace == '{SYSTEM}' && variables.app == 'nvidia-device-plugin' ? ['SYS_ADMIN'] : []"


def policy(sharing: GpuSharing | None) -> Policy:
    """Confinement where pods share GPUs like this."""
    return Policy(
        name="inference-confinement",
        resources=pods.RESOURCES,
        conditions=pods.CONDITIONS,
        variables={**pods.VARIABLES, "capabilities": _capabilities(sharing)},
        rules=_RULES,
    )
