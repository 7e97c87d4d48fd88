"""Objects for requests to an API server: each without fault but for what its caller changes. Plain data, without Pulumi."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

Manifest = dict[str, Any]
REGISTRY = "registry.invalid/stack/"
"""Stands for the stack's own registry; `Case.manifest` puts the true one in its place."""
DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"{REGISTRY}probe@{DIGEST}"
LABELS = {
    "app.kubernetes.io/name": "probe",
    "app.kubernetes.io/component": "probe",
    "app.kubernetes.io/part-of": "inference",
    "app.kubernetes.io/managed-by": "test",
}
REASON = {"inference/service-account-token": "fetches the model from the store"}
APPS, BATCH, RBAC = "apps/v1", "batch/v1", "rbac.authorization.k8s.io/v1"
CERT_MANAGER = "cert-manager.io/v1"


def container(name: str = "probe", **changes: Any) -> Manifest:
    """A container without fault but for `changes`."""
    return {
        "name": name,
        "image": IMAGE,
        "resources": {
            "requests": {"cpu": "10m", "memory": "16Mi"},
            "limits": {"cpu": "10m", "memory": "16Mi"},
        },
        "securityContext": confined(),
        **changes,
    }


def confined(**changes: Any) -> Manifest:
    """The security context of a container without fault but for `changes`."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
        **changes,
    }


def pod_spec(*containers: Manifest, **changes: Any) -> Manifest:
    """A pod's spec without fault but for `containers` and `changes`."""
    return {"automountServiceAccountToken": False, "containers": [*containers] or [container()], **changes}


def workload(
    kind: str = "Deployment",
    spec: Manifest | None = None,
    *,
    name: str = "admission-probe",
    namespace: str = "inference",
    labels: Mapping[str, str] = LABELS,
    annotations: Mapping[str, str] | None = None,
    own_labels: Mapping[str, str] = LABELS,
) -> Manifest:
    """A workload of this kind that makes pods of `spec`, labelled with `labels` where the pods are described."""
    metadata = {"name": name, "namespace": namespace, "labels": dict(own_labels)}
    pod: Manifest = {
        "metadata": {"labels": dict(labels), "annotations": dict(annotations or {})},
        "spec": deepcopy(spec or pod_spec()),
    }
    if kind in ("Job", "CronJob"):
        pod["spec"]["restartPolicy"] = "Never"
    template = {"template": pod}
    selected = {
        "selector": {"matchLabels": {"app.kubernetes.io/name": labels.get("app.kubernetes.io/name", "")}},
        **template,
    }
    versions = {"Pod": "v1", "ReplicationController": "v1", "Job": BATCH, "CronJob": BATCH}
    specs: dict[str, Manifest] = {
        "Pod": pod["spec"],
        "ReplicationController": template,
        "Job": template,
        "CronJob": {"schedule": "0 3 * * *", "jobTemplate": {"metadata": {"labels": dict(labels)}, "spec": template}},
        "StatefulSet": {**selected, "serviceName": "probe"},
    }
    if kind == "Pod":
        metadata |= {"labels": dict(labels), "annotations": dict(annotations or {})}
    return {
        "apiVersion": versions.get(kind, APPS),
        "kind": kind,
        "metadata": metadata,
        "spec": specs.get(kind, selected),
    }


KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "CronJob", "Pod")


def service(name: str = "admission-probe", namespace: str = "inference", **spec: Any) -> Manifest:
    """A Service without fault but for `spec`."""
    ports = {"ports": [{"name": "https", "port": 8443}], "selector": {"app.kubernetes.io/name": "probe"}}
    metadata = {"name": name, "namespace": namespace, "labels": LABELS}
    return {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {**ports, **spec}}


def gpu_workload(app: str, path: str, *, read_only: bool, namespace: str = "system", **security: Any) -> Manifest:
    """A DaemonSet with a directory of the node, run by root as the kubelet's sockets demand."""
    spec = pod_spec(
        container(
            securityContext=confined(**{"runAsNonRoot": False, **security}),
            volumeMounts=[{"name": "node", "mountPath": path, "readOnly": read_only}],
        ),
        volumes=[{"name": "node", "hostPath": {"path": path}}],
    )
    return workload("DaemonSet", spec, namespace=namespace, labels={**LABELS, "app.kubernetes.io/name": app})


def token(audience: str | None = "sts.amazonaws.com") -> Manifest:
    """A pod's spec with a projected service-account token."""
    source = {"path": "token", **({"audience": audience} if audience else {})}
    volume = {"name": "credentials", "projected": {"sources": [{"serviceAccountToken": source}]}}
    return pod_spec(serviceAccountName="default", volumes=[volume])


RESTRICTED = "shared-memory,model-repository,statistics,trace,logging:administration-key=$(POD_UID)"
TRITON = (
    "--model-repository=/model/repository",
    "--disable-auto-complete-config",
    "--model-control-mode=none",
    "--grpc-address=127.0.0.1",
    f"--http-restricted-api={RESTRICTED}",
    f"--grpc-restricted-protocol={RESTRICTED}",
)


def triton(*more: str, without: str = "", command: Sequence[str] = ("tritonserver",)) -> Manifest:
    """Triton with options `more`, and none that begins with `without`."""
    arguments = [word for word in TRITON if not (without and word.startswith(without))]
    return workload(spec=pod_spec(container(command=[*command], args=[*arguments, *more])))


def role(*resources: str, verbs: Sequence[str] = ("get",), api_group: str = "") -> Manifest:
    """A Role in the stack's namespaces."""
    return {
        "apiVersion": RBAC,
        "kind": "Role",
        "metadata": {"name": "admission-probe", "namespace": "gateway"},
        "rules": [{"apiGroups": [api_group], "resources": [*resources], "verbs": [*verbs]}],
    }


def binding(kind: str, group: str, cluster_role: str) -> Manifest:
    """A group bound to a ClusterRole, in the namespace `gateway` or everywhere."""
    api = "rbac.authorization.k8s.io"
    return {
        "apiVersion": RBAC,
        "kind": kind,
        "metadata": {"name": "admission-probe", **({"namespace": "gateway"} if kind == "RoleBinding" else {})},
        "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": cluster_role},
        "subjects": [{"apiGroup": api, "kind": "Group", "name": group}],
    }


def secret(kind: str, **annotations: str) -> Manifest:
    """A Secret of this type."""
    metadata = {"name": "admission-probe", "namespace": "gateway", "annotations": annotations}
    return {"apiVersion": "v1", "kind": "Secret", "type": kind, "metadata": metadata}


def certificate(issuer: str = "inference-ca", namespace: str = "inference", **spec: Any) -> Manifest:
    """A Certificate of this ClusterIssuer for the names of a Service `probe`, without fault but for `spec`."""
    names = [f"probe{rest}" for rest in ("", f".{namespace}", f".{namespace}.svc", f".{namespace}.svc.cluster.local")]
    return {
        "apiVersion": CERT_MANAGER,
        "kind": "Certificate",
        "metadata": {"name": "admission-probe", "namespace": namespace},
        "spec": {"secretName": "admission-probe", "dnsNames": names, "issuerRef": _cluster_issuer(issuer), **spec},
    }


def certificate_request(issuer: str = "inference-ca", namespace: str = "inference") -> Manifest:
    """A CertificateRequest at this ClusterIssuer; nothing here reads what it asks for."""
    metadata = {"name": "admission-probe", "namespace": namespace}
    spec = {"request": "cHJvYmU=", "issuerRef": _cluster_issuer(issuer)}
    return {"apiVersion": CERT_MANAGER, "kind": "CertificateRequest", "metadata": metadata, "spec": spec}


def issuer(spec: Manifest, namespace: str | None = None) -> Manifest:
    """A ClusterIssuer, or with a namespace an Issuer."""
    inside = {"namespace": namespace} if namespace else {}
    kind = "Issuer" if namespace else "ClusterIssuer"
    return {
        "apiVersion": CERT_MANAGER,
        "kind": kind,
        "metadata": {"name": "admission-probe", **inside},
        "spec": spec,
    }


def _cluster_issuer(name: str) -> Manifest:
    return {"name": name, "kind": "ClusterIssuer", "group": "cert-manager.io"}


def namespace(**labels: str) -> Manifest:
    """A namespace that says it is the stack's."""
    metadata = {"name": "admission-probe", "labels": {"app.kubernetes.io/part-of": "inference", **labels}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}
