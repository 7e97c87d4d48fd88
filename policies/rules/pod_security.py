"""Pods meet the Pod Security Standard "restricted", all of its controls as of Kubernetes 1.35.

One control is kept where the standard lets go of it: since 1.35 pods in a user namespace (`hostUsers: false`) may run as
root of that namespace.
"""

from collections.abc import Iterator

from policies.rules.pods import WORKLOADS, Pod
from policies.rules.resource import Properties, Resource
from policies.rules.rule import Findings, Severity, links, resource_rule

ALLOWED_VOLUMES = {
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
}
ALLOWED_PROFILES = ("RuntimeDefault", "Localhost")
"""Of seccomp and of AppArmor."""
APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
ALLOWED_SELINUX_TYPES = ("container_t", "container_init_t", "container_kvm_t", "container_engine_t")
SAFE_SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
HOOKS = ("postStart", "preStop")


@resource_rule(
    "pod-security-restricted",
    *WORKLOADS,
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1) 308(a)(5)(ii)(B)"),
    remediation='meet the Pod Security Standard "restricted" in every container, init and ephemeral ones too.',
    link="https://kubernetes.io/docs/concepts/security/pod-security-standards/",
)
def pod_security_restricted(workload: Resource) -> Findings:
    """Pods meet the Pod Security Standard "restricted"."""
    pod = Pod(workload)
    context = pod.spec.get("securityContext") or {}
    windows = (pod.spec.get("os") or {}).get("name") == "windows"
    yield from _node_shared(pod)
    yield from _pod_context(pod, context)
    yield from _volumes(pod)
    for where, container in pod.containers():
        own = container.get("securityContext") or {}
        yield from _confined(where, own)
        yield from _not_root(where, own, context)
        yield from _reaches_no_host(where, container)
        if not windows:
            yield from _linux_only(where, own, context)


def _node_shared(pod: Pod) -> Findings:
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.spec.get(name):
            yield f"{name} is true, expected false"


def _pod_context(pod: Pod, context: Properties) -> Findings:
    if context.get("runAsUser") == 0:
        yield "securityContext.runAsUser is 0, expected a user other than root"
    if context.get("runAsNonRoot") is False:
        yield "securityContext.runAsNonRoot is false, expected true"
    seccomp = (context.get("seccompProfile") or {}).get("type")
    if seccomp and seccomp not in ALLOWED_PROFILES:
        yield f"securityContext.seccompProfile is {seccomp}, expected {' or '.join(ALLOWED_PROFILES)}"
    for sysctl in context.get("sysctls") or ():
        if sysctl.get("name") not in SAFE_SYSCTLS:
            yield f"sysctl {sysctl.get('name')} is set, expected safe ones only"
    yield from _modules("securityContext", context)
    for key, profile in pod.annotations.items():
        if (
            key.startswith(APPARMOR_ANNOTATION)
            and profile != "runtime/default"
            and not profile.startswith("localhost/")
        ):
            yield f"annotation {key} is {profile}, expected runtime/default or localhost/<profile>"


def _volumes(pod: Pod) -> Findings:
    for volume in pod.spec.get("volumes") or ():
        for kind in sorted(set(volume) - ALLOWED_VOLUMES - {"name"}):
            if not kind.startswith("__") and volume.get(kind) is not None:
                path = f" ({volume[kind].get('path')})" if kind == "hostPath" else ""
                allowed = ", ".join(sorted(ALLOWED_VOLUMES))
                yield f"volume {volume.get('name')} is of type {kind}{path}, expected {allowed}"


def _modules(where: str, context: Properties) -> Findings:
    """What AppArmor, SELinux and Windows are told, for a pod or for one container."""
    apparmor = (context.get("appArmorProfile") or {}).get("type")
    if apparmor and apparmor not in ALLOWED_PROFILES:
        yield f"{where} has appArmorProfile {apparmor}, expected {' or '.join(ALLOWED_PROFILES)}"
    selinux = context.get("seLinuxOptions") or {}
    if selinux.get("type") and selinux["type"] not in ALLOWED_SELINUX_TYPES:
        yield f"{where} has seLinuxOptions.type {selinux['type']}, expected {' or '.join(ALLOWED_SELINUX_TYPES)}"
    for name in ("user", "role"):
        if selinux.get(name):
            yield f"{where} has seLinuxOptions.{name} {selinux[name]}, expected none"
    if (context.get("windowsOptions") or {}).get("hostProcess"):
        yield f"{where} has windowsOptions.hostProcess true, expected false"


def _confined(where: str, context: Properties) -> Findings:
    if context.get("privileged"):
        yield f"{where} is privileged"
    if context.get("procMount") not in (None, "Default"):
        yield f"{where} has procMount {context['procMount']}, expected Default"
    yield from _modules(where, context)


def _not_root(where: str, context: Properties, pod_context: Properties) -> Findings:
    if context.get("runAsUser") == 0:
        yield f"{where} has runAsUser 0, expected a user other than root"
    if context.get("runAsNonRoot", pod_context.get("runAsNonRoot")) is not True:
        yield f"{where} has no runAsNonRoot true"


def _linux_only(where: str, context: Properties, pod_context: Properties) -> Findings:
    """What the standard does not ask of pods that say that they are Windows's."""
    capabilities = context.get("capabilities") or {}
    if context.get("allowPrivilegeEscalation") is not False:
        yield f"{where} has allowPrivilegeEscalation {context.get('allowPrivilegeEscalation', 'unset')}, expected false"
    if "ALL" not in (capabilities.get("drop") or ()):
        yield f"{where} does not drop ALL capabilities"
    for added in capabilities.get("add") or ():
        if added != "NET_BIND_SERVICE":
            yield f"{where} adds capability {added}"
    seccomp = (context.get("seccompProfile") or pod_context.get("seccompProfile") or {}).get("type")
    if seccomp not in ALLOWED_PROFILES:
        yield f"{where} has seccompProfile {seccomp or 'unset'}, expected {' or '.join(ALLOWED_PROFILES)}"


def _reaches_no_host(where: str, container: Properties) -> Findings:
    for port in container.get("ports") or ():
        if port.get("hostPort"):
            yield f"{where} opens host port {port['hostPort']:.0f}"
    for name, handler in _handlers(container):
        for kind in ("httpGet", "tcpSocket"):
            host = (handler.get(kind) or {}).get("host")
            if host:
                yield f"{where} has {name}.{kind}.host {host}, expected none, which is the pod itself"


def _handlers(container: Properties) -> Iterator[tuple[str, Properties]]:
    """What the kubelet calls for a container, with its place: probes and lifecycle hooks."""
    lifecycle = container.get("lifecycle") or {}
    for holder, prefix, names in ((container, "", PROBES), (lifecycle, "lifecycle.", HOOKS)):
        for name in names:
            if holder.get(name):
                yield f"{prefix}{name}", holder[name]
