"""Breaks of what runs in the cluster."""

from tests.policies.breaks.broken import Break
from tests.policies.world import PropertyPath

POD: PropertyPath = ("spec", "template", "spec")
FIRST: PropertyPath = (*POD, "containers", 0)
INIT: PropertyPath = (*POD, "initContainers", 0)
PEER: PropertyPath = ("spec", "ingress", 0, "from", 0)
SELECTED: PropertyPath = ("spec", "matchResources", "namespaceSelector", "matchExpressions", 0)
JUDGED: PropertyPath = ("spec", "matchConstraints", "resourceRules", 0)
ENVOY: PropertyPath = ("data", "envoy.json")
ENFORCED_VERSION = "pod-security.kubernetes.io/enforce-version"
REASON = "inference/service-account-token"
GATEWAY, TRITON = "gateway-deployment", "triton"
BARE_POD = {"metadata": {}, "spec": {"automountServiceAccountToken": False, "serviceAccountName": "bare"}}
NAMED_SECRET = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["gateway-tls"], "verbs": ["get"]}


def envoy(*, require: str = "true", callers: str = '[{"matcher": {"exact": "gateway"}}]') -> str:
    """A proxy's configuration with one listener that forwards."""
    verified = f'"require_client_certificate": {require}, "match_typed_subject_alt_names": {callers}'
    return (
        f'{{"static_resources": {{"listeners": [{{"name": "grpc", "route": {{"cluster": "triton"}}, {verified}}}]}}}}'
    )


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
    Break("rbac-role-of-the-stack", "readers", ("roleRef", "name"), "prometheus"),
    Break("rbac-role-of-the-stack", "readers", ("roleRef", "kind"), "ClusterRole"),
    Break("rbac-role-of-the-stack", "readers", ("metadata", "namespace"), "gateway"),
    Break("rbac-role-of-the-stack", "reader", on="readers"),
    Break("rbac-data-and-identities-closed", "reader", ("rules", 0, "resources", 0), "pods/exec"),
    Break("rbac-data-and-identities-closed", "reader", ("rules", 0, "resources", 0), "secrets"),
    Break("rbac-data-and-identities-closed", "reader", ("rules", 0, "verbs", 0), "impersonate"),
    Break("rbac-data-and-identities-closed", "reader", ("rules", 0), NAMED_SECRET),
    Break("admission-policies-enforced", "images", ("spec", "failurePolicy"), "Ignore"),
    Break("admission-policies-enforced", "images", ("spec", "matchConstraints", "resourceRules"), [], on="inference"),
    Break("admission-policies-enforced", "images", on="gateway"),
    Break("admission-policies-enforced", "images", on="images-bound"),
    Break("admission-policies-enforced", "images", ("spec", "validations"), []),
    Break("admission-policies-enforced", "images", ("spec", "validations", 0, "expression"), " true "),
    *(
        Break("admission-policies-enforced", "images", (*JUDGED, name), value, on="inference")
        for name, value in (("operations", ["UPDATE"]), ("apiGroups", ["apps"]), ("apiVersions", ["v2"]))
    ),
    *(
        Break("admission-policies-enforced", name, place, value, on="inference")
        for name, where in (("images", "matchConstraints"), ("images-bound", "matchResources"))
        for place, value in (
            (("spec", where, "objectSelector"), {"matchLabels": {"judged": "yes"}}),
            (("spec", where, "excludeResourceRules"), [{"resources": ["pods"]}]),
        )
    ),
    Break("admission-policies-enforced", "images-bound", on="images"),
    Break("admission-policies-enforced", "images-bound", on="inference"),
    Break("admission-policies-enforced", "images-bound", ("spec", "validationActions"), ["Audit"], on="images"),
    Break("admission-policies-enforced", "images-bound", ("spec", "policyName"), "another", on="images"),
    Break("admission-policies-enforced", "images-bound", (*SELECTED, "values"), ["inference"], on="gateway"),
    Break("namespace-quota-present", "gateway-quota", on="gateway"),
    Break("namespace-quota-present", "inference-quota", ("spec", "hard"), {}, on="inference"),
    Break("namespace-quota-present", "inference-limits", on="inference"),
    Break("namespace-quota-present", "gateway-limits", ("metadata", "namespace"), "inference", on="gateway"),
    Break("workload-disruption-budgeted", "gateway-budget", on=GATEWAY),
    Break("workload-disruption-budgeted", "triton-budget", ("spec", "selector", "matchLabels"), {"a": "b"}, on=TRITON),
    Break("workload-autoscaled", "gateway-scaler", on=GATEWAY, also=("gateway-replicated",)),
    Break("workload-autoscaled", "gateway-scaler", ("spec", "minReplicas"), 5, on=GATEWAY),
    Break("workload-autoscaled", "triton-scaler", ("spec", "metrics"), [], on=TRITON),
    Break("workload-autoscaled", "triton-scaler", ("spec", "scaleTargetRef", "name"), "gateway", on=TRITON),
    Break("workload-autoscaled", "triton-scaler", ("spec", "scaleTargetRef", "kind"), "StatefulSet", on=TRITON),
    Break("gateway-replicated", "gateway-scaler", ("spec", "minReplicas"), 1, on=GATEWAY),
    Break("gateway-replicated", "gateway-scaler", ("spec", "minReplicas"), on=GATEWAY),
    Break("namespace-default-deny", "inference-deny", on="inference"),
    Break("namespace-default-deny", "inference-deny", on=TRITON),
    Break("namespace-default-deny", "inference-deny", ("spec", "policyTypes"), ["Ingress"], on="inference"),
    Break(
        "namespace-default-deny",
        "nowhere",
        ("new",),
        {"type": "kubernetes:core/v1:Pod", "props": BARE_POD},
        also=("workload-namespace-own",),
    ),
    Break("namespace-pod-security-enforced", "inference", ("metadata", "labels"), {}),
    Break("namespace-pod-security-enforced", "inference", ("metadata", "labels", ENFORCED_VERSION), "v1.22"),
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
    Break("pod-service-account-token-declared", TRITON, ("spec", "template", "metadata", "annotations")),
    Break("pod-service-account-token-declared", TRITON, ("spec", "template", "metadata", "annotations", REASON), " "),
    Break("pod-resources-limited", GATEWAY, (*FIRST, "resources", "limits", "memory")),
    Break("pod-resources-limited", GATEWAY, (*FIRST, "resources", "requests", "cpu")),
    Break("pod-probes-present", GATEWAY, (*FIRST, "readinessProbe")),
    Break("pod-probes-present", TRITON, (*POD, "initContainers", 1, "readinessProbe")),
    Break("pod-probes-present", TRITON, (*POD, "initContainers", 0, "restartPolicy"), "Always"),
    Break("pod-probes-present", GATEWAY, (*FIRST, "livenessProbe")),
    Break(
        "pod-secrets-not-in-environment",
        GATEWAY,
        (*FIRST, "env", 8),
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
    ),
    Break("pod-secrets-not-in-environment", GATEWAY, (*FIRST, "envFrom"), [{"secretRef": {"name": "db"}}]),
    Break("gateway-audit-trail-kept", GATEWAY, (*FIRST, "volumeMounts")),
    Break("gateway-audit-trail-kept", GATEWAY, (*POD, "volumes", 1, "emptyDir"), {}),
    Break("gateway-audit-trail-kept", GATEWAY, (*INIT, "restartPolicy")),
    Break("gateway-audit-trail-kept", GATEWAY, (*INIT, "volumeMounts")),
    Break("gateway-audit-trail-kept", GATEWAY, (*INIT, "command"), ["sleep"]),
    *(Break("gateway-requires-authentication", GATEWAY, (*FIRST, "env", index, "value"), "") for index in range(3)),
    Break("gateway-requires-authentication", GATEWAY, (*FIRST, "env", 0, "value"), "http://issuer.example"),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 1), "--model-control-mode=explicit"),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 5), "--allow-sagemaker=true"),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 2)),
    Break("triton-admin-closed", TRITON, (*FIRST, "args", 3), "--grpc-restricted-protocol=trace:key=secret"),
    Break("triton-inputs-not-retained", TRITON, (*FIRST, "args", 5), "--cache-config=local,size=1048576"),
    Break("triton-inputs-not-retained", TRITON, (*FIRST, "args", 5), "--log-verbose=1"),
    Break("triton-inputs-not-retained", TRITON, (*FIRST, "args", 5), "--trace-config=level=TENSORS"),
    Break("triton-inputs-not-retained", TRITON, (*POD, "initContainers", 1, "args"), ["--log-verbose=1"]),
    Break("triton-reached-by-gateway-only", "triton-in", (*PEER, "podSelector"), {}, on=TRITON),
    Break("triton-reached-by-gateway-only", "triton-in", (*PEER, "namespaceSelector"), on=TRITON),
    Break("triton-reached-by-gateway-only", "triton-in", ("spec", "ingress", 1, "ports", 0, "port"), 8001, on=TRITON),
    *(Break("gateway-to-triton-mutual-tls", GATEWAY, (*FIRST, "env", index, "value"), "") for index in (3, 4, 5)),
    Break("gateway-to-triton-mutual-tls", GATEWAY, (*POD, "volumes", 0, "secret", "secretName"), "by-hand"),
    Break("gateway-to-triton-mutual-tls", "gateway-certificate", on=GATEWAY),
    Break("gateway-to-triton-mutual-tls", "triton-certificate", ("metadata", "namespace"), "gateway", on=TRITON),
    Break("gateway-to-triton-mutual-tls", TRITON, (*FIRST, "args", 4)),
    Break("gateway-to-triton-mutual-tls", TRITON, (*FIRST, "args", 4), "--grpc-address=0.0.0.0"),
    Break("gateway-to-triton-mutual-tls", TRITON, (*POD, "initContainers", 1)),
    Break("gateway-to-triton-mutual-tls", TRITON, (*POD, "initContainers", 1, "restartPolicy")),
    Break("gateway-to-triton-mutual-tls", TRITON, (*POD, "volumes", 2)),
    Break("gateway-to-triton-mutual-tls", "triton-proxy", on=TRITON),
    Break("gateway-to-triton-mutual-tls", "triton-proxy", ENVOY, "", on=TRITON),
    Break("gateway-to-triton-mutual-tls", "triton-proxy", ENVOY, envoy(require="false"), on=TRITON),
    Break("gateway-to-triton-mutual-tls", "triton-proxy", ENVOY, envoy(callers="[]"), on=TRITON),
    Break("certificate-renewed", "triton-certificate", ("spec", "renewBefore")),
    Break("certificate-renewed", "triton-certificate", ("spec", "privateKey", "rotationPolicy"), "Never"),
    Break("certificate-renewed", "gateway-certificate", ("spec", "privateKey")),
    Break("certificate-renewed", "authority", ("spec", "renewBefore")),
    Break("model-hash-verified", TRITON, (*INIT, "env", 1, "value"), "abc"),
)
