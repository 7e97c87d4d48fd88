"""The authority signs a namespace's own names, for Certificates that were judged."""

from collections.abc import Mapping
from typing import Any

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_objects import certificate, certificate_request, issuer

_VAULT = {
    "vault": {
        "server": "https://vault.example.com",
        "path": "pki/sign/any",
        "auth": {"tokenSecretRef": {"name": "inference-ca"}},
    }
}
_OTHER_NAMES: Mapping[str, Any] = {
    "commonName": "gateway.gateway.svc.cluster.local",
    "literalSubject": "CN=gateway",
    "ipAddresses": ["127.0.0.1"],
    "uris": ["spiffe://cluster.local/ns/gateway/sa/gateway"],
    "emailAddresses": ["gateway@example.com"],
    "otherNames": [{"oid": "1.3.6.1.4.1.311.20.2.3", "utf8Value": "gateway"}],
}

REFUSED = (
    *(
        Case(
            f"the gateway's name for {namespace}",
            certificate(namespace=namespace, dnsNames=["gateway.gateway.svc.cluster.local"]),
            "inference-certificates",
            says,
        )
        for namespace, says in (
            ("default", "signs in namespaces gateway, inference, audit, loadtest alone"),
            ("system", "signs in namespaces gateway, inference, audit, loadtest alone"),
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
)
ACCEPTED = (
    Case("Issuer of a namespace that asks a Vault", issuer(_VAULT, "default")),
    Case("another ClusterIssuer with a key of its own", issuer({"ca": {"secretName": "another-ca"}})),
    Case("Certificate for a Service", certificate()),
    Case("Certificate in the gateway's namespace", certificate(namespace="gateway")),
    Case("Certificate of another ClusterIssuer", certificate("other", "default", isCA=True, commonName="other")),
    Case(
        "Certificate of a namespace's own issuer",
        certificate(namespace="default", issuerRef={"name": "inference-ca"}, ipAddresses=["127.0.0.1"]),
    ),
    Case("CertificateRequest at another issuer", certificate_request("other", "default")),
)
