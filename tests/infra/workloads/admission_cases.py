"""Objects that the API server has to refuse, each with the policy that does and a part of what it says; and some that it takes.

Each offender differs from an accepted neighbour in one thing, because of several policies any may be the first to refuse. For
any API server that has the policies, with `--dry-run=server` as nothing of this is meant to run. Workloads are Deployments
wherever Pod Security would be first to refuse the pod itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.infra.workloads.admission_objects import (
    DIGEST,
    IMAGE,
    KINDS,
    LABELS,
    REASON,
    REGISTRY,
    RESTRICTED,
    Manifest,
    binding,
    certificate,
    certificate_request,
    confined,
    container,
    gpu_workload,
    issuer,
    namespace,
    pod_spec,
    role,
    secret,
    service,
    token,
    triton,
    workload,
)


@dataclass(frozen=True)
class Case:
    """An object to create. `policy` and a part of its message where it has to be refused; both empty where it is taken."""

    name: str
    object: Manifest
    policy: str = ""
    says: str = ""

    @property
    def path(self) -> str:
        """Where the API server takes objects of this kind."""
        version, kind, metadata = self.object["apiVersion"], self.object["kind"], self.object["metadata"]
        inside = f"namespaces/{metadata['namespace']}/" if "namespace" in metadata else ""
        return f"/{'apis' if '/' in version else 'api'}/{version}/{inside}{kind.lower()}s"

    def manifest(self, registry: str) -> Manifest:
        """The object with images of `registry`, which ends in `/`."""
        found: Manifest = json.loads(json.dumps(self.object).replace(REGISTRY, registry))
        return found


def _image(image: str) -> Manifest:
    return workload(spec=pod_spec(container(image=image)))


def _secured(**changes: Any) -> Manifest:
    return workload(spec=pod_spec(container(securityContext=confined(**changes))))


def _without(labels: Mapping[str, str], key: str) -> dict[str, str]:
    return {name: value for name, value in labels.items() if name != key}


_PLUGINS, _RESOURCES = "/var/lib/kubelet/device-plugins", "/var/lib/kubelet/pod-resources"
_VAULT = {
    "vault": {
        "server": "https://vault.example.com",
        "path": "pki/sign/any",
        "auth": {"tokenSecretRef": {"name": "inference-ca"}},
    }
}
_ONE_GPU = {name: {"cpu": "10m", "memory": "16Mi", "nvidia.com/gpu": "1"} for name in ("requests", "limits")}
_OTHER_NAMES: Mapping[str, Any] = {
    "commonName": "gateway.gateway.svc.cluster.local",
    "literalSubject": "CN=gateway",
    "ipAddresses": ["127.0.0.1"],
    "uris": ["spiffe://cluster.local/ns/gateway/sa/gateway"],
    "emailAddresses": ["gateway@example.com"],
    "otherNames": [{"oid": "1.3.6.1.4.1.311.20.2.3", "utf8Value": "gateway"}],
}

REFUSED = (
    # images
    *(
        Case(
            f"{kind} with a tag",
            workload(kind, pod_spec(container(image=f"{REGISTRY}probe:v1"))),
            "inference-images",
            "a tag",
        )
        for kind in KINDS
    ),
    Case("latest", _image(f"{REGISTRY}probe:latest"), "inference-images", "container probe: the image is `latest`"),
    Case("neither tag nor digest", _image(f"{REGISTRY}probe"), "inference-images", "`latest`"),
    Case("registry with a port, no tag", _image("registry.invalid:5000/probe"), "inference-images", "`latest`"),
    Case("digest cut short", _image(IMAGE[:-1]), "inference-images", "name it by digest"),
    Case("another registry", _image(f"docker.io/library/probe@{DIGEST}"), "inference-images", "publish or mirror"),
    Case(
        "another stack's registry",
        _image(f"{REGISTRY[:-1]}-other/probe@{DIGEST}"),
        "inference-images",
        "publish or mirror",
    ),
    Case(
        "init container",
        workload(spec=pod_spec(initContainers=[container("fetch", image="probe:latest")])),
        "inference-images",
        "container fetch",
    ),
    # host
    *(
        Case(name, workload(spec=pod_spec(**{name: True})), "inference-host", f"{name} puts the pod")
        for name in ("hostNetwork", "hostPID", "hostIPC")
    ),
    Case(
        "host port",
        workload(spec=pod_spec(container(ports=[{"containerPort": 8080, "hostPort": 8080}]))),
        "inference-host",
        "container probe: hostPort",
    ),
    Case(
        "host path",
        workload(spec=pod_spec(volumes=[{"name": "node", "hostPath": {"path": "/var/log"}}])),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "device plugins' path outside of system",
        gpu_workload("nvidia-device-plugin", _PLUGINS, read_only=False, namespace="inference", runAsNonRoot=True),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "another app's path",
        gpu_workload("dcgm-exporter", _PLUGINS, read_only=True),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "an unknown app",
        gpu_workload("probe", _RESOURCES, read_only=True, runAsNonRoot=True),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "a folder above",
        gpu_workload("dcgm-exporter", "/var/lib", read_only=True),
        "inference-host",
        "volume node: hostPath",
    ),
    Case(
        "pod resources to be written",
        gpu_workload("dcgm-exporter", _RESOURCES, read_only=False),
        "inference-host",
        "with the access that HOST_PATHS",
    ),
    *(
        Case(
            f"{name} by hand",
            workload(spec=pod_spec(container(env=[{"name": name, "value": "all"}]))),
            "inference-host",
            "request nvidia.com/gpu",
        )
        for name in ("NVIDIA_VISIBLE_DEVICES", "CUDA_VERSION")
    ),
    Case(
        "every GPU for an init container",
        workload(spec=pod_spec(initContainers=[container("fetch", env=[{"name": "NVIDIA_VISIBLE_DEVICES"}])])),
        "inference-host",
        "container fetch: NVIDIA_VISIBLE_DEVICES",
    ),
    Case(
        "variables without a name",
        workload(spec=pod_spec(container(envFrom=[{"configMapRef": {"name": "probe"}}]))),
        "inference-host",
        "envFrom could bring NVIDIA_VISIBLE_DEVICES",
    ),
    # confinement
    Case("privileged", _secured(privileged=True, allowPrivilegeEscalation=True), "inference-confinement", "privileged"),
    Case("escalation", _secured(allowPrivilegeEscalation=None), "inference-confinement", "allowPrivilegeEscalation"),
    Case("capabilities kept", _secured(capabilities={}), "inference-confinement", "drop: [ALL]"),
    Case(
        "added capability",
        _secured(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
        "inference-confinement",
        "add none",
    ),
    Case("root", _secured(runAsUser=0), "inference-confinement", "may run as root"),
    Case("maybe root", _secured(runAsNonRoot=None), "inference-confinement", "may run as root"),
    Case("no seccomp", _secured(seccompProfile=None), "inference-confinement", "seccompProfile"),
    Case("no AppArmor", _secured(appArmorProfile={"type": "Unconfined"}), "inference-confinement", "appArmorProfile"),
    Case("its own SELinux", _secured(seLinuxOptions={"type": "spc_t"}), "inference-confinement", "seLinuxOptions"),
    Case(
        "volume on another machine",
        workload(spec=pod_spec(volumes=[{"name": "files", "nfs": {"server": "files.invalid", "path": "/"}}])),
        "inference-confinement",
        "volume files: its type",
    ),
    Case(
        "volume from an image",
        workload(spec=pod_spec(volumes=[{"name": "files", "image": {"reference": IMAGE}}])),
        "inference-confinement",
        "volume files: its type",
    ),
    Case(
        "capability in system",
        gpu_workload("dcgm-exporter", _RESOURCES, read_only=True, capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
        "inference-confinement",
        "add none",
    ),
    Case(
        "privileged in system",
        gpu_workload("nvidia-device-plugin", _PLUGINS, read_only=False, privileged=True, allowPrivilegeEscalation=True),
        "inference-confinement",
        "privileged",
    ),
    Case(
        "root in system that needs no path of the node",
        workload(spec=pod_spec(container(securityContext=confined(runAsNonRoot=False))), namespace="system"),
        "inference-confinement",
        "may run as root",
    ),
    # labels
    *(
        Case(f"no {key}", workload(labels=_without(LABELS, key)), "inference-labels", f"label {key}: it is missing")
        for key in LABELS
        if not key.endswith("/name")  # the selector needs that one
    ),
    Case(
        "Pod without a name",
        workload("Pod", labels=_without(LABELS, "app.kubernetes.io/name")),
        "inference-labels",
        "missing",
    ),
    Case(
        "no label of its own",
        workload(own_labels={}),
        "inference-labels",
        "app.kubernetes.io/managed-by: it is missing",
    ),
    Case(
        "CronJob", workload("CronJob", labels={"app.kubernetes.io/name": "probe"}), "inference-labels", "it is missing"
    ),
    Case(
        "another part",
        workload(labels={**LABELS, "app.kubernetes.io/part-of": "other"}),
        "inference-labels",
        "part-of: other",
    ),
    Case(
        "Service",
        {**service(), "metadata": {"name": "admission-probe", "namespace": "gateway"}},
        "inference-labels",
        "it is missing",
    ),
    # tokens
    Case(
        "token for the API",
        workload(spec=pod_spec(automountServiceAccountToken=None), annotations=REASON),
        "inference-tokens",
        "set it to false",
    ),
    Case("Pod with a token", workload("Pod", token()), "inference-tokens", "volume credentials: it holds"),
    Case("no reason", workload(spec=token()), "inference-tokens", "volume credentials: it holds"),
    Case(
        "reason too short",
        workload(spec=token(), annotations={"inference/service-account-token": "needed    "}),
        "inference-tokens",
        "in 10 characters",
    ),
    Case("no audience", workload(spec=token(None), annotations=REASON), "inference-tokens", "opens the Kubernetes API"),
    Case(
        "the API's own audience",
        workload(spec=token("https://kubernetes.default.svc"), annotations=REASON),
        "inference-tokens",
        "its token is not for",
    ),
    Case(
        "lasting token",
        secret("kubernetes.io/service-account-token", **{"kubernetes.io/service-account.name": "triton"}),
        "inference-token-secrets",
        "never ends",
    ),
    # Triton
    Case("models by request", triton("--model-control-mode=explicit"), "inference-triton", "load other models"),
    Case("models from a folder", triton("--model-control-mode=poll"), "inference-triton", "load other models"),
    Case("a log of texts", triton("--log-verbose=1"), "inference-triton", "--log-verbose=0"),
    Case("SageMaker's way in", triton("--allow-sagemaker=true"), "inference-triton", "a further way in"),
    Case("response cache", triton("--cache-config=local,size=1048576"), "inference-triton", "in a cache"),
    Case("old response cache", triton("--response-cache-byte-size=1048576"), "inference-triton", "in a cache"),
    Case("trace of tensors", triton("--trace-config=level=TENSORS"), "inference-triton", "trace no TENSORS"),
    Case("trace by variable", triton("--trace-config=$(TRACE)"), "inference-triton", "trace no TENSORS"),
    Case("gRPC for all", triton(without="--grpc-address"), "inference-triton", "--grpc-address=127.0.0.1"),
    Case("gRPC opened afterwards", triton("--grpc-address=0.0.0.0"), "inference-triton", "--grpc-address=127.0.0.1"),
    Case("open HTTP", triton(without="--http-restricted-api"), "inference-triton", "restrict model-repository"),
    Case("open gRPC", triton(without="--grpc-restricted"), "inference-triton", "--grpc-restricted-protocol"),
    Case(
        "half of gRPC open",
        triton("--grpc-restricted-protocol=trace,logging:key=x", without="--grpc-restricted"),
        "inference-triton",
        "--grpc-restricted-protocol",
    ),
    Case(
        "no key",
        triton("--http-restricted-api=" + RESTRICTED.partition(":")[0], without="--http"),
        "inference-triton",
        "<header>",
    ),
    Case("option cut short", triton("--model-control=explicit"), "inference-triton", "write them in full"),
    Case(
        "value in a word of its own",
        triton("--grpc-address", "--http-port=8000"),
        "inference-triton",
        "write them in full",
    ),
    Case("value behind its option", triton("--http-port", "8000"), "inference-triton", "each option as one argument"),
    Case("option by variable", triton("$(MORE)"), "inference-triton", "each option as one argument"),
    Case(
        "started by a shell",
        triton(command=("sh", "-c", "exec tritonserver")),
        "inference-triton",
        "command: [tritonserver]",
    ),
    Case(
        "forbidden inside a shell",
        triton(command=("sh", "-c", "tritonserver --model-control-mode=poll")),
        "inference-triton",
        "load other models",
    ),
    Case(
        "Triton by the image's own command",
        workload(spec=pod_spec(container("triton")), labels={**LABELS, "app.kubernetes.io/name": "triton"}),
        "inference-triton",
        "command: [tritonserver]",
    ),
    # Services
    Case("load balancer", service(type="LoadBalancer"), "inference-services", "type LoadBalancer"),
    Case(
        "name elsewhere",
        service(type="ExternalName", externalName="example.com"),
        "inference-services",
        "type ExternalName",
    ),
    Case("external address", service(externalIPs=["192.0.2.1"]), "inference-services", "externalIPs 192.0.2.1"),
    Case("node port", service(type="NodePort"), "inference-services", "Only gateway/gateway has one"),
    Case(
        "the gateway's port for another",
        service(type="NodePort", ports=[{"port": 8443, "nodePort": 30044}], namespace="gateway"),
        "inference-services",
        "Only gateway/gateway has one",
    ),
    # rights
    Case("Role on Secrets", role("configmaps", "secrets"), "inference-roles", "it reads Secrets"),
    Case("Role on everything", role("*", verbs=["*"]), "inference-roles", "it reads Secrets"),
    *(
        Case(f"{kind} for {group}", binding(kind, group, "view"), "inference-role-bindings", f"subject {group}")
        for kind in ("RoleBinding", "ClusterRoleBinding")
        for group in ("system:anonymous", "system:unauthenticated", "system:authenticated")
    ),
    Case("an administrator", binding("RoleBinding", "people", "admin"), "inference-role-bindings", "ClusterRole admin"),
    # certificates
    *(
        Case(
            f"the gateway's name for {namespace}",
            certificate(namespace=namespace, dnsNames=["gateway.gateway.svc.cluster.local"]),
            "inference-certificates",
            says,
        )
        for namespace, says in (
            ("default", "signs in namespaces gateway and inference alone"),
            ("system", "signs in namespaces gateway and inference alone"),
            ("inference", "DNS name gateway.gateway.svc.cluster.local: it is not one of a Service in this namespace"),
        )
    ),
    *(
        Case(f"DNS name {name}", certificate(dnsNames=["probe.inference", name]), "inference-certificates", name)
        for name in (
            "*.inference.svc.cluster.local",
            "*",
            "probe.inference.svc.cluster.local.example.com",
            "probe.inference.svc.cluster",
            "a.probe.inference",
            "inference.svc.cluster.local",
            "probeXinference",
        )
    ),
    *(
        Case(
            field,
            certificate(**{field: value}),
            "inference-certificates",
            f"{field}: ClusterIssuer inference-ca signs DNS",
        )
        for field, value in _OTHER_NAMES.items()
    ),
    Case("ClusterIssuer that asks a Vault", issuer(_VAULT), "inference-issuers", "kind vault"),
    Case("Issuer beside the authority's key", issuer(_VAULT, "cert-manager"), "inference-issuers", "kind vault"),
    Case(
        "another ClusterIssuer of the authority",
        issuer({"ca": {"secretName": "inference-ca"}}),
        "inference-issuers",
        "use a Secret",
    ),
    Case("authority below ours", certificate(isCA=True), "inference-certificates", "leave out isCA"),
    *(
        Case(
            f"signed by itself in {namespace}",
            certificate("inference-bootstrap", namespace),
            "inference-certificates",
            "there for cert-manager/inference-ca alone",
        )
        for namespace in ("inference", "cert-manager")
    ),
    *(
        Case(
            f"CertificateRequest at {issuer} in {namespace}",
            certificate_request(issuer, namespace),
            "inference-certificate-requests",
            f"ClusterIssuer {issuer} is asked by cert-manager alone; create a Certificate",
        )
        for issuer in ("inference-ca", "inference-bootstrap")
        for namespace in ("gateway", "cert-manager", "default")
    ),
    # namespaces
    Case(
        "namespace without Pod Security", namespace(), "inference-namespaces", "namespace admission-probe: pods in it"
    ),
    Case(
        "namespace with weaker Pod Security",
        namespace(**{"pod-security.kubernetes.io/enforce": "baseline"}),
        "inference-namespaces",
        "to restricted",
    ),
)

ACCEPTED = (
    *(Case(kind, workload(kind)) for kind in KINDS),
    Case("tag and digest", _image(f"{REGISTRY}probe:v1@{DIGEST}")),
    Case(
        "tag in another namespace",
        {**_image("probe:latest"), "metadata": {"name": "admission-probe", "namespace": "default"}},
    ),
    Case("Issuer of a namespace that asks a Vault", issuer(_VAULT, "default")),
    Case("another ClusterIssuer with a key of its own", issuer({"ca": {"secretName": "another-ca"}})),
    Case("device plugin", gpu_workload("nvidia-device-plugin", _PLUGINS, read_only=False)),
    Case(
        "every GPU in system",
        workload(
            spec=pod_spec(container(env=[{"name": "NVIDIA_VISIBLE_DEVICES", "value": "all"}])), namespace="system"
        ),
    ),
    Case("a GPU by request", workload(spec=pod_spec(container(resources=_ONE_GPU, env=[{"name": "CUDA_CACHE_PATH"}])))),
    Case("DCGM exporter", gpu_workload("dcgm-exporter", _RESOURCES, read_only=True)),
    Case(
        "confined by the pod",
        workload(
            spec=pod_spec(
                container(securityContext={"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}),
                securityContext={"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
            )
        ),
    ),
    Case("declared token", workload(spec=token(), annotations=REASON)),
    Case("declared token in a Pod", workload("Pod", token(), annotations=REASON)),
    Case("token for the API in system", workload(spec=token(None), annotations=REASON, namespace="system")),
    Case("Triton", triton()),
    Case(
        "Triton with harmless values",
        triton("--log-verbose=0", "--trace-config=level=TIMESTAMPS", "--allow-gpu-metrics=false"),
    ),
    Case("Triton by its path", triton(command=("/opt/tritonserver/bin/tritonserver",))),
    Case("options of another program", workload(spec=pod_spec(container(args=["serve", "--port", "80"])))),
    Case("Service", service()),
    Case("headless Service", service(clusterIP="None")),
    Case("Role", role("configmaps")),
    Case("Role that makes Secrets", role("secrets", verbs=["create"])),
    Case("Secret of a certificate's kind", secret("Opaque")),
    Case("RoleBinding", binding("RoleBinding", "people", "view")),
    Case("ClusterRoleBinding", binding("ClusterRoleBinding", "people", "view")),
    Case("public role", binding("ClusterRoleBinding", "system:authenticated", "system:basic-user")),
    Case("Certificate for a Service", certificate()),
    Case("Certificate in the gateway's namespace", certificate(namespace="gateway")),
    Case("Certificate of another ClusterIssuer", certificate("other", "default", isCA=True, commonName="other")),
    Case(
        "Certificate of a namespace's own issuer",
        certificate(namespace="default", issuerRef={"name": "inference-ca"}, ipAddresses=["127.0.0.1"]),
    ),
    Case("CertificateRequest at another issuer", certificate_request("other", "default")),
    Case("namespace", namespace(**{"pod-security.kubernetes.io/enforce": "restricted"})),
)
