"""Breaks of the Pod Security Standard and of identities in the cluster."""

from typing import Any

from tests.policies.breaks.broken import Break
from tests.policies.breaks.workloads import ENVOY, FIRST, GATEWAY, INIT, POD, TRITON
from tests.policies.world import PropertyPath

RULE = "pod-security-restricted"
POD_CONTEXT: PropertyPath = (*POD, "securityContext")
CONTEXT: PropertyPath = (*FIRST, "securityContext")
UNCONFINED = {"type": "Unconfined"}
APPARMOR = {"container.apparmor.security.beta.kubernetes.io/gateway": "unconfined"}


def envoy_with(*, admin: str = "", filters: str = "") -> str:
    """A proxy's configuration that is right but for its administration or a filter."""
    listener = (
        '{"name": "grpc", "route": {"cluster": "triton"}, "require_client_certificate": true, '
        f'"match_typed_subject_alt_names": [{{"matcher": {{"exact": "gateway"}}}}]{filters}}}'
    )
    return f'{{"static_resources": {{"listeners": [{listener}]}}{admin}}}'


OPEN_ADMIN = ', "admin": {"address": {"socket_address": {"address": "0.0.0.0", "port_value": 9901}}}'
TAPPED = ', "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.tap.v3.Tap"}'


def _binding(name: str, kind: str = "Group") -> dict[str, Any]:
    return {"kind": kind, "name": name, "namespace": "inference"}


BREAKS = (
    *(
        Break(RULE, GATEWAY, (*where, name), value)
        for where in (POD_CONTEXT, CONTEXT, (*INIT, "securityContext"))
        for name, value in (
            ("appArmorProfile", UNCONFINED),
            ("seccompProfile", UNCONFINED),
            ("seLinuxOptions", {"type": "spc_t"}),
            ("seLinuxOptions", {"user": "system_u"}),
            ("seLinuxOptions", {"role": "system_r"}),
            ("windowsOptions", {"hostProcess": True}),
            ("runAsUser", 0),
            ("runAsNonRoot", False),
        )
    ),
    *(Break(RULE, GATEWAY, (*POD, name), True) for name in ("hostPID", "hostIPC")),
    Break(RULE, GATEWAY, ("spec", "template", "metadata", "annotations"), APPARMOR),
    Break(RULE, GATEWAY, (*POD_CONTEXT, "sysctls"), [{"name": "kernel.msgmax"}]),
    *(
        Break(RULE, GATEWAY, (*FIRST, probe), {kind: {"host": "169.254.169.254", "port": 80}})
        for probe in ("livenessProbe", "readinessProbe", "startupProbe")
        for kind in ("httpGet", "tcpSocket")
    ),
    *(
        Break(RULE, GATEWAY, (*FIRST, "lifecycle"), {hook: {"httpGet": {"host": "10.0.0.1", "port": 80}}})
        for hook in ("postStart", "preStop")
    ),
    Break(RULE, TRITON, (*POD, "volumes", 0), {"name": "model", "nfs": {"server": "10.0.0.1"}}),
    Break("pod-service-account-own", GATEWAY, (*POD, "serviceAccountName")),
    Break("pod-service-account-own", GATEWAY, (*POD, "serviceAccountName"), "default"),
    Break("service-account-token-not-automounted", "gateway-account", ("automountServiceAccountToken",)),
    Break("service-account-token-not-automounted", "gateway-account", ("automountServiceAccountToken",), True),
    Break("secret-no-lasting-token", "pull-secret", ("type",), "kubernetes.io/service-account-token"),
    *(
        Break("rbac-subjects-named", "readers", ("subjects", 0), _binding(name))
        for name in ("system:unauthenticated", "system:serviceaccounts:inference", "system:masters")
    ),
    Break("rbac-subjects-named", "readers", ("subjects", 0), _binding("default", "ServiceAccount")),
    Break("rbac-least-privilege", "reader", ("rules", 0, "resources", 0), "*/scale"),
    Break("rbac-least-privilege", "reader", ("rules", 0, "nonResourceURLs"), ["*"]),
    *(
        Break(
            "rbac-data-and-identities-closed",
            "reader",
            ("rules", 0),
            {"apiGroups": [""], "resources": [name], "verbs": [verb]},
        )
        for name, verb in (
            ("persistentvolumes", "create"),
            ("secrets", "patch"),
            ("certificatesigningrequests/approval", "update"),
            ("validatingwebhookconfigurations", "patch"),
        )
    ),
    Break(
        "workload-namespace-own",
        "gateway-deployment",
        ("metadata", "namespace"),
        "kube-system",
        also=(
            "gateway-replicated",
            "gateway-to-triton-mutual-tls",
            "namespace-default-deny",
            "workload-autoscaled",
            "workload-disruption-budgeted",
        ),
    ),
    Break("gateway-deidentifies", "deidentification", ("data", "policy.yaml"), "default: keep", on=GATEWAY),
    Break("gateway-deidentifies", "deidentification", on=GATEWAY),
    Break("gateway-deidentifies", GATEWAY, (*FIRST, "env", 7, "value")),
    Break("gateway-token-lifetime-bounded", GATEWAY, (*FIRST, "env", 6, "value"), "86400"),
    Break("gateway-token-lifetime-bounded", GATEWAY, (*FIRST, "env", 6, "value")),
    Break("model-mounted-read-only", TRITON, (*FIRST, "volumeMounts", 0, "readOnly")),
    Break("model-mounted-read-only", TRITON, (*POD, "initContainers", 1, "volumeMounts"), [{"name": "model"}]),
    Break("proxy-keeps-no-text", "triton-proxy", ENVOY, envoy_with(admin=OPEN_ADMIN)),
    Break("proxy-keeps-no-text", "triton-proxy", ENVOY, envoy_with(filters=TAPPED)),
)
