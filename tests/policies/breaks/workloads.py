"""Breaks of what runs in the cluster."""

from tests.policies.breaks.broken import Break
from tests.policies.world import PropertyPath

POD: PropertyPath = ("spec", "template", "spec")
FIRST: PropertyPath = (*POD, "containers", 0)
INIT: PropertyPath = (*POD, "initContainers", 0)
PEER: PropertyPath = ("spec", "ingress", 0, "from", 0)
GATEWAY, TRITON = "gateway-deployment", "triton"

BREAKS = (
    Break("rbac-least-privilege", "reader", ("rules", 0, "verbs", 0), "*"),
    Break(
        "rbac-least-privilege",
        "binding",
        ("new",),
        {
            "type": "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
            "props": {"roleRef": {"name": "cluster-admin"}},
        },
    ),
    Break("rbac-data-and-identities-closed", "reader", ("rules", 0, "resources", 0), "pods/exec"),
    Break("rbac-data-and-identities-closed", "reader", ("rules", 0, "resources", 0), "secrets"),
    Break("rbac-data-and-identities-closed", "reader", ("rules", 0, "verbs", 0), "impersonate"),
    Break("namespace-default-deny", "inference-deny", on="inference"),
    Break("namespace-default-deny", "inference-deny", on=TRITON),
    Break("namespace-default-deny", "inference-deny", ("spec", "policyTypes"), ["Ingress"], on="inference"),
    Break("namespace-default-deny", GATEWAY, ("metadata", "namespace")),
    Break("namespace-pod-security-enforced", "inference", ("metadata", "labels"), {}),
    Break("network-policy-no-open-peer", "gateway-in", ("spec", "ingress", 0, "from")),
    Break("network-policy-no-open-peer", "gateway-in", (*PEER, "ipBlock", "cidr"), "0.0.0.0/0"),
    Break("network-policy-no-open-peer", "gateway-in", ("spec", "egress"), [{"to": []}]),
    Break(
        "network-policy-no-open-peer", "gateway-in", ("spec", "egress"), [{"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]
    ),
    Break("service-not-public", "gateway-service", ("spec", "type"), "LoadBalancer"),
    Break("service-not-public", "gateway-service", ("spec", "type"), "NodePort"),
    Break("service-not-public", "gateway-service", ("spec", "externalIPs"), ["203.0.113.7"]),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "privileged"), True),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "allowPrivilegeEscalation")),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "capabilities", "drop"), []),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "capabilities", "add"), ["SYS_ADMIN"]),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "runAsNonRoot"), False),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "runAsUser"), 0),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "securityContext", "procMount"), "Unmasked"),
    Break("pod-security-restricted", GATEWAY, (*FIRST, "ports"), [{"hostPort": 80}]),
    Break("pod-security-restricted", GATEWAY, (*POD, "securityContext", "seccompProfile", "type"), "Unconfined"),
    Break("pod-security-restricted", GATEWAY, (*POD, "securityContext", "runAsUser"), 0),
    Break("pod-security-restricted", GATEWAY, (*POD, "securityContext", "sysctls"), [{"name": "kernel.msgmax"}]),
    Break("pod-security-restricted", GATEWAY, (*POD, "hostNetwork"), True),
    Break("pod-security-restricted", TRITON, (*POD, "volumes", 0), {"name": "host", "hostPath": {"path": "/"}}),
    Break("pod-security-restricted", TRITON, (*INIT, "securityContext", "allowPrivilegeEscalation")),
    Break(
        "pod-security-restricted",
        TRITON,
        (*POD, "ephemeralContainers"),
        [{"name": "debug", "image": "x@sha256:" + 64 * "0", "securityContext": {"readOnlyRootFilesystem": True}}],
    ),
    Break("pod-read-only-root-filesystem", GATEWAY, (*FIRST, "securityContext", "readOnlyRootFilesystem")),
    Break("pod-image-by-digest", GATEWAY, (*FIRST, "image"), "registry.example/app:latest"),
    Break("pod-image-by-digest", TRITON, (*INIT, "image"), "registry.example/app@sha256:short"),
    Break("pod-service-account-token-not-mounted", GATEWAY, (*POD, "automountServiceAccountToken")),
    Break("pod-resources-limited", GATEWAY, (*FIRST, "resources", "limits", "memory")),
    Break("pod-resources-limited", GATEWAY, (*FIRST, "resources", "requests", "cpu")),
    Break("pod-probes-present", GATEWAY, (*FIRST, "readinessProbe")),
    Break("pod-probes-present", GATEWAY, (*FIRST, "livenessProbe")),
    Break(
        "pod-secrets-not-in-environment",
        GATEWAY,
        (*FIRST, "env", 3),
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ),
    Break("pod-secrets-not-in-environment", GATEWAY, (*FIRST, "envFrom"), [{"secretRef": {"name": "db"}}]),
    *(Break("gateway-requires-authentication", GATEWAY, (*FIRST, "env", index, "value"), "") for index in range(3)),
    Break("gateway-requires-authentication", GATEWAY, (*FIRST, "env", 0, "value"), "http://issuer.example"),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 1), "--model-control-mode=explicit"),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 2)),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 3), "--grpc-restricted-protocol=trace:key=secret"),
    Break("triton-inputs-not-retained", TRITON, (*FIRST, "args", 4), "--cache-config=local,size=1048576"),
    Break("triton-inputs-not-retained", TRITON, (*FIRST, "args", 4), "--log-verbose=1"),
    Break("triton-inputs-not-retained", TRITON, (*FIRST, "args", 4), "--trace-config=level=TENSORS"),
    Break("triton-reached-by-gateway-only", "triton-in", (*PEER, "podSelector"), {}, on=TRITON),
    Break("triton-reached-by-gateway-only", "triton-in", (*PEER, "namespaceSelector"), on=TRITON),
    Break("triton-reached-by-gateway-only", "triton-in", ("spec", "ingress", 1, "ports", 0, "port"), 8001, on=TRITON),
    Break("model-hash-verified", TRITON, (*INIT, "env", 1, "value"), "abc"),
)
