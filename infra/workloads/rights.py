"""Who may do what in the cluster, as data.

None of the four reads Secrets, enters a pod, acts as another or makes tokens. The deployer's rights end at the stack's
own namespaces: whoever may make pods in kube-system or cert-manager has the rights of the service accounts there.
Kubernetes lets one grant only what one holds, so that the deployer, who holds what the other three have, makes their
roles without the verbs `escalate` and `bind`; more than it has, it can give to nobody, itself included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from infra.access_groups import AUDITOR, DEPLOYER, OPERATOR, VIEWER, group
from infra.workloads.certificates import AUTHORITY, BOOTSTRAP, CERT_MANAGER
from infra.workloads.namespaces import NAMES

RBAC = "rbac.authorization.k8s.io"
_CERTIFICATES = "cert-manager.io"
_READ = ("get", "list", "watch")
_CHANGE = ("patch", "update", "delete")
_MAKE = ("create", *_CHANGE)


@dataclass(frozen=True)
class Rule:
    """Verbs on resources of one API group ("" is the core's), all of them or those called `names`."""

    api_group: str
    resources: Sequence[str]
    verbs: Sequence[str] = _READ
    names: Sequence[str] = ()


_WORKLOADS = (
    Rule("", ("pods", "services", "endpoints", "events", "persistentvolumeclaims", "resourcequotas", "limitranges")),
    Rule("apps", ("deployments", "replicasets", "daemonsets", "statefulsets")),
    Rule("autoscaling", ("horizontalpodautoscalers",)),
    Rule("policy", ("poddisruptionbudgets",)),
    Rule("networking.k8s.io", ("networkpolicies",)),
    Rule("discovery.k8s.io", ("endpointslices",)),
    Rule("metrics.k8s.io", ("pods",)),
    # What a certificate is for and whether it is ready: the key is in a Secret.
    Rule(_CERTIFICATES, ("certificates", "certificaterequests", "issuers")),
)
_OPERATION = (
    Rule("", ("pods/log",), ("get",)),
    # A pod is restarted by taking it away. Changing a Deployment is the program's business alone.
    Rule("", ("pods",), ("delete",)),
    Rule("", ("pods/eviction",), ("create",)),
    Rule("apps", ("deployments/scale",), ("get", "patch", "update")),
)
_CONFIGURATION = (
    Rule("", ("namespaces", "nodes", "serviceaccounts", "configmaps")),
    Rule(RBAC, ("roles", "rolebindings", "clusterroles", "clusterrolebindings")),
    Rule(
        "admissionregistration.k8s.io",
        (
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "validatingwebhookconfigurations",
            "mutatingwebhookconfigurations",
        ),
    ),
    Rule("storage.k8s.io", ("storageclasses",)),
    Rule("scheduling.k8s.io", ("priorityclasses",)),
    Rule("apiextensions.k8s.io", ("customresourcedefinitions",)),
    Rule("apiregistration.k8s.io", ("apiservices",)),
    Rule("certificates.k8s.io", ("certificatesigningrequests",)),
    Rule(_CERTIFICATES, ("clusterissuers",)),
)

_MADE_IN_NAMESPACES = (
    Rule("", ("configmaps", "serviceaccounts", "services", "resourcequotas", "limitranges"), _MAKE),
    Rule("apps", ("deployments", "daemonsets"), _MAKE),
    Rule("autoscaling", ("horizontalpodautoscalers",), _MAKE),
    Rule("policy", ("poddisruptionbudgets",), _MAKE),
    Rule("networking.k8s.io", ("networkpolicies",), _MAKE),
    Rule(RBAC, ("roles", "rolebindings"), _MAKE),
    Rule(_CERTIFICATES, ("certificates",), _MAKE),
)
_MADE_IN_CLUSTER = (
    # Without the names, changing these would be a way to everything that others run in the cluster.
    Rule("", ("namespaces",), ("create",)),
    Rule("", ("namespaces",), _CHANGE, NAMES),
    Rule(RBAC, ("clusterroles", "clusterrolebindings"), ("create",)),
    Rule(RBAC, ("clusterroles", "clusterrolebindings"), _CHANGE, (group(AUDITOR), group(DEPLOYER))),
    Rule("scheduling.k8s.io", ("priorityclasses",), _MAKE),
    Rule("storage.k8s.io", ("storageclasses",), _MAKE),
    Rule(
        "admissionregistration.k8s.io",
        ("validatingadmissionpolicies", "validatingadmissionpolicybindings"),
        _MAKE,
    ),
    Rule(_CERTIFICATES, ("clusterissuers",), ("create",)),
    Rule(_CERTIFICATES, ("clusterissuers",), _CHANGE, (AUTHORITY, BOOTSTRAP)),
)

IN_NAMESPACES: Mapping[str, Sequence[Rule]] = {
    VIEWER: _WORKLOADS,
    OPERATOR: (*_WORKLOADS, *_OPERATION),
    DEPLOYER: (*_WORKLOADS, *_OPERATION, *_MADE_IN_NAMESPACES),
}
"""Rights in each of the stack's namespaces but AUDIT."""
_WITHOUT_LOGS = tuple(rule for rule in _OPERATION if "pods/log" not in rule.resources)
IN_AUDIT: Mapping[str, Sequence[Rule]] = {
    VIEWER: _WORKLOADS,
    OPERATOR: (*_WORKLOADS, *_WITHOUT_LOGS),
    DEPLOYER: (*_WORKLOADS, *_WITHOUT_LOGS, *_MADE_IN_NAMESPACES),
}
"""Rights in the namespace whose logs hold audit records where AWS is emulated: nobody but an auditor reads those there."""
IN_LOADTEST: Mapping[str, Sequence[Rule]] = {
    **IN_NAMESPACES,
    DEPLOYER: (*IN_NAMESPACES[DEPLOYER], Rule("batch", ("jobs",), ("get", "create", "delete", "patch"))),
}
"""Rights in the namespace of load tests, each of which is a Job."""
IN_CLUSTER: Mapping[str, Sequence[Rule]] = {
    AUDITOR: (*_WORKLOADS, *_CONFIGURATION),
    DEPLOYER: (*_WORKLOADS, *_CONFIGURATION, *_MADE_IN_CLUSTER),
}
"""Rights everywhere."""
BESIDE: Mapping[str, Mapping[str, Sequence[Rule]]] = {
    CERT_MANAGER: {
        DEPLOYER: (
            Rule(_CERTIFICATES, ("certificates",), _MAKE),
            Rule(RBAC, ("roles", "rolebindings"), ("create",)),
            Rule(RBAC, ("roles", "rolebindings"), _CHANGE, (group(DEPLOYER),)),
        )
    },
}
"""Rights in namespaces of others: the certificate of the stack's authority lives beside cert-manager, and this role too."""
