"""What the node brings into the cluster before any workload."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from local.errors import LocalError
from local.node import addons, identities
from local.node.identities import Credentials
from local.node.layout import Layout

Documents = dict[tuple[str, str], Any]


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "state")


@pytest.fixture
def credentials(layout: Layout) -> Credentials:
    return identities.ensure(layout)


@pytest.fixture
def tools(tmp_path: Path) -> Callable[[str], Path]:
    """A folder of programs, with a definition beside cert-manager as its build leaves it."""
    folder = tmp_path / "tools"
    folder.mkdir()
    (folder / "cert-manager.io_certificates.yaml").write_text("kind: CustomResourceDefinition\n")
    for name in ("coredns", "cert-manager", "metrics-server", "audit-log"):
        (folder / name).write_text(name)
    return lambda name: folder / name


@pytest.fixture
def references(tools: Callable[[str], Path]) -> dict[str, str]:
    return {name: image.reference for name, image in addons.images(tools).items()}


@pytest.fixture
def documents(layout: Layout, credentials: Credentials, references: dict[str, str]) -> Documents:
    """Every object of the add-ons by kind and name."""
    objects = list(yaml.safe_load_all(addons.manifest(layout, credentials, references)))
    by_name = {(document["kind"], document["metadata"]["name"]): document for document in objects}
    assert len(by_name) == len(objects)
    return by_name


def of_kind(documents: Documents, *kinds: str) -> list[Any]:
    found = [document for (kind, _), document in documents.items() if kind in kinds]
    assert found
    return found


def pod(documents: Documents, kind: str, name: str) -> Any:
    return documents[kind, name]["spec"]["template"]["spec"]


def test_dns_answers_at_the_address_that_pods_are_told(documents: Documents) -> None:
    """The kubelet writes this address into every pod."""
    assert documents["Service", "kube-dns"]["spec"]["clusterIP"] == "198.19.0.10"


def test_every_stored_image_runs_in_one_pod(documents: Documents, references: dict[str, str]) -> None:
    """None is pulled: no registry has them."""
    containers = [
        container
        for workload in of_kind(documents, "Deployment", "StatefulSet")
        for container in workload["spec"]["template"]["spec"]["containers"]
    ]
    assert sorted(container["image"] for container in containers) == sorted(references.values())
    assert {container["imagePullPolicy"] for container in containers} == {"Never"}


def test_add_ons_run_without_privileges(documents: Documents) -> None:
    """As the restricted Pod Security Standard wants it, read-only, and limited in memory."""
    for workload in of_kind(documents, "Deployment", "StatefulSet"):
        spec = workload["spec"]["template"]["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        for container in spec["containers"]:
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["securityContext"]["readOnlyRootFilesystem"] is True
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
            assert container["resources"]["requests"]
            assert container["resources"]["limits"]["memory"]


def test_no_role_says_everything(documents: Documents) -> None:
    """Groups, resources and verbs are named."""
    for role in of_kind(documents, "Role", "ClusterRole"):
        assert "*" not in json.dumps(role["rules"])


def test_cert_manager_reaches_the_api_server_and_nothing_else(documents: Documents) -> None:
    """Its namespace is closed, in both directions, but for this way; and restricted by Pod Security."""
    closed, way = documents["NetworkPolicy", "default-deny"], documents["NetworkPolicy", "cert-manager"]
    assert closed["metadata"]["namespace"] == way["metadata"]["namespace"] == "cert-manager"
    assert closed["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert way["spec"]["egress"] == [
        {"to": [{"ipBlock": {"cidr": "198.18.0.1/32"}}], "ports": [{"port": 6443, "protocol": "TCP"}]}
    ]
    labels = documents["Namespace", "cert-manager"]["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"


def test_one_cert_manager_ends_before_another_starts(documents: Documents) -> None:
    """It holds no lease, so that two would issue at the same time."""
    assert documents["Deployment", "cert-manager"]["spec"]["replicas"] == 1
    assert documents["Deployment", "cert-manager"]["spec"]["strategy"] == {"type": "Recreate"}


def test_the_api_server_verifies_metrics_server(documents: Documents, credentials: Credentials) -> None:
    """The certificate in the Secret is the node authority's, for the name that the API server asks for."""
    registration = documents["APIService", "v1beta1.metrics.k8s.io"]["spec"]
    authority = x509.load_pem_x509_certificate(base64.b64decode(registration["caBundle"]))
    secret = documents["Secret", "metrics-server-tls"]["data"]
    certificate = x509.load_pem_x509_certificate(base64.b64decode(secret["tls.crt"]))
    certificate.verify_directly_issued_by(authority)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    service = registration["service"]
    assert names.get_values_for_type(x509.DNSName) == [f"{service['name']}.{service['namespace']}.svc"]
    assert "insecureSkipTLSVerify" not in registration


def test_metrics_server_verifies_the_kubelet(documents: Documents) -> None:
    """With the authority that every service account brings; measured every 15 s."""
    (container,) = pod(documents, "Deployment", "metrics-server")["containers"]
    assert "--kubelet-certificate-authority=/var/run/secrets/kubernetes.io/serviceaccount/ca.crt" in container["args"]
    assert "--metric-resolution=15s" in container["args"]
    assert not any("insecure" in argument for argument in container["args"])


def test_the_auditor_reads_the_audit_log_and_no_other(documents: Documents) -> None:
    """The right names the one pod, which a StatefulSet always calls the same."""
    role, binding = documents["Role", "api-audit-log-reader"], documents["RoleBinding", "api-audit-log-reader"]
    assert role["metadata"]["namespace"] == binding["metadata"]["namespace"] == "kube-system"
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["pods/log"], "resourceNames": ["api-audit-log-0"], "verbs": ["get"]}
    ]
    assert [subject["name"] for subject in binding["subjects"]] == ["inference:auditor"]
    assert documents["StatefulSet", "api-audit-log"]["spec"]["replicas"] == 1


def test_the_audit_log_is_read_only_in_its_pod(documents: Documents, layout: Layout) -> None:
    """Of the machine it sees the log's own directory; it has no token and nobody to talk to."""
    spec = pod(documents, "StatefulSet", "api-audit-log")
    paths = [volume["hostPath"]["path"] for volume in spec["volumes"] if "hostPath" in volume]
    mounts = {mount["name"]: mount for mount in spec["containers"][0]["volumeMounts"]}
    assert paths == [str(layout.audit_log.parent)]
    assert mounts["log"]["readOnly"] is True
    assert spec["automountServiceAccountToken"] is False
    assert documents["NetworkPolicy", "api-audit-log"]["spec"].keys() == {"podSelector", "policyTypes"}


@pytest.fixture
def kubectl(layout: Layout) -> Callable[[str], None]:
    """Puts a kubectl in the node's place for it, with this end; it writes down its arguments and what it read."""
    layout.bin.mkdir(parents=True)

    def put(end: str) -> None:
        called = layout.root / "called"
        (layout.bin / "kubectl").write_text(f"#!/bin/sh\necho \"$@\" > '{called}'\ncat > '{called}.stdin'\n{end}\n")
        (layout.bin / "kubectl").chmod(0o755)

    return put


def test_they_are_applied_with_the_definitions_of_their_kinds(
    layout: Layout,
    credentials: Credentials,
    tools: Callable[[str], Path],
    references: dict[str, str],
    kubectl: Callable[[str], None],
) -> None:
    """By the server, whose apply copies nothing into annotations: neither the key nor what is too large for them."""
    kubectl("exit 0")
    addons.apply(layout, credentials, tools, references)
    called = (layout.root / "called").read_text()
    assert "apply --server-side" in called
    assert f"--filename={tools('cert-manager').parent}/cert-manager.io_certificates.yaml --filename=-" in called
    assert (layout.root / "called.stdin").read_text() == addons.manifest(layout, credentials, references)


def test_a_refusal_says_why(
    layout: Layout,
    credentials: Credentials,
    tools: Callable[[str], Path],
    references: dict[str, str],
    kubectl: Callable[[str], None],
) -> None:
    """The API server's reason is in the sentence."""
    kubectl("echo 'spec.replicas: Invalid value' >&2; exit 1")
    with pytest.raises(LocalError, match=r"refused the node's add-ons: spec\.replicas: Invalid value"):
        addons.apply(layout, credentials, tools, references)


def test_dns_is_where_network_policies_look_for_it(documents: Documents) -> None:
    """Pods labelled as on EKS, on port 53, which they open without root and without a capability."""
    deployment, service = documents["Deployment", "coredns"], documents["Service", "kube-dns"]
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    ports = {(port["containerPort"], port["protocol"]) for port in container["ports"] if port["name"].startswith("dns")}
    assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"] == {"k8s-app": "kube-dns"}
    assert pod["metadata"]["labels"]["k8s-app"] == "kube-dns"
    assert ports == {(53, "UDP"), (53, "TCP")}
    assert documents["ConfigMap", "coredns"]["data"]["Corefile"].startswith(".:53 {")
    assert pod["spec"]["securityContext"]["sysctls"] == [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "53"}]


def test_the_policy_controller_reads_what_policies_are_about_and_writes_nothing(documents: Documents) -> None:
    """No Secret, no other node, no verb but reading."""
    rules = documents["ClusterRole", "system:kube-router"]["rules"]
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    assert {resource for rule in rules for resource in rule["resources"]} == {
        "nodes",
        "pods",
        "namespaces",
        "networkpolicies",
    }
    assert next(rule for rule in rules if "nodes" in rule["resources"])["resourceNames"] == ["inference"]
