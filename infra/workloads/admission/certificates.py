"""Certificates of the stack's own authority: each is for names of Services in its own namespace, wherever it is asked for.

A ClusterIssuer signs for every namespace, and a certificate with the gateway's name opens Triton. What a CertificateRequest
asks for is encoded and cannot be judged here, so only cert-manager makes those, from Certificates that were judged. And no
other issuer gets at the authority's key.
https://cert-manager.io/docs/usage/certificate/
"""

from infra.workloads import namespaces
from infra.workloads.admission.policy import Policy, Resources, Rule, quoted
from infra.workloads.certificates import AUTHORITY, BOOTSTRAP, CERT_MANAGER

CONTROLLER = f"system:serviceaccount:{CERT_MANAGER}:cert-manager"
"""cert-manager itself, as its Helm chart and EKS's add-on name it: https://github.com/aws/containers-roadmap/issues/2712"""
NAMESPACES = (namespaces.GATEWAY, namespaces.INFERENCE, namespaces.AUDIT, namespaces.LOADTEST)
"""Where pods with certificates are."""

_GROUP = "cert-manager.io"
_OTHER_NAMES = " + ".join(
    f"(has(object.spec.{field}) ? ['{field}'] : [])"
    for field in ("commonName", "literalSubject", "ipAddresses", "uris", "emailAddresses", "otherNames")
)
_SERVICE = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SERVICE_NAME = f"'^{_SERVICE}([.]' + request.namespace + '([.]svc([.]cluster[.]local)?)?)?$'"
_ISSUER = "object.spec.issuerRef.?kind.orValue('') == 'ClusterIssuer' ? object.spec.issuerRef.name : ''"
# What is older than the policy can still be labelled and deleted.
_CONDITIONS = {"asks-for-something-else": "request.operation == 'CREATE' || object.spec != oldObject.spec"}
_BY_AUTHORITY, _BY_BOOTSTRAP = f"variables.issuer == '{AUTHORITY}'", f"variables.issuer == '{BOOTSTRAP}'"
_IS_AUTHORITY = f"request.namespace == '{CERT_MANAGER}' && object.metadata.name == '{AUTHORITY}'"

_CERTIFICATES = Policy(
    name="inference-certificates",
    resources=(Resources(_GROUP, ("certificates",)),),
    conditions=_CONDITIONS,
    variables={"issuer": _ISSUER},
    rules=(
        Rule(
            "elsewhere",
            f"{_BY_AUTHORITY} && !(request.namespace in {quoted(NAMESPACES)}) ? [object.metadata.name] : []",
            f"Certificate {{}}: ClusterIssuer {AUTHORITY} signs in namespaces {', '.join(NAMESPACES)} alone; "
            "use another issuer.",
        ),
        Rule(
            "names",
            f"{_BY_AUTHORITY} ? object.spec.?dnsNames.orValue([]).filter(n, !n.matches({_SERVICE_NAME})) : []",
            "DNS name {}: it is not one of a Service in this namespace; write <service>, <service>.<namespace>, "
            "<service>.<namespace>.svc or <service>.<namespace>.svc.cluster.local, without wildcards.",
        ),
        Rule(
            "otherNames",
            f"{_BY_AUTHORITY} ? {_OTHER_NAMES} : []",
            f"{{}}: ClusterIssuer {AUTHORITY} signs DNS names alone; use dnsNames.",
        ),
        Rule(
            "authority",
            f"{_BY_AUTHORITY} && object.spec.?isCA.orValue(false) ? [object.metadata.name] : []",
            f"Certificate {{}}: another authority below {AUTHORITY} could sign any name; leave out isCA.",
        ),
        Rule(
            "bootstrap",
            f"{_BY_BOOTSTRAP} && !({_IS_AUTHORITY}) ? [object.metadata.name] : []",
            f"Certificate {{}}: ClusterIssuer {BOOTSTRAP} is there for {CERT_MANAGER}/{AUTHORITY} alone; use another issuer.",
        ),
    ),
    reason="Forbidden",
    everywhere=True,
)
_REQUESTS = Policy(
    name="inference-certificate-requests",
    resources=(Resources(_GROUP, ("certificaterequests",)),),
    conditions=_CONDITIONS,
    variables={"issuer": _ISSUER},
    rules=(
        Rule(
            "byHand",
            f"({_BY_AUTHORITY} || {_BY_BOOTSTRAP}) && request.userInfo.username != '{CONTROLLER}' ? [variables.issuer] : []",
            "ClusterIssuer {} is asked by cert-manager alone; create a Certificate, for which it makes the CertificateRequest.",
        ),
    ),
    reason="Forbidden",
    everywhere=True,
)
_ISSUERS = Policy(
    name="inference-issuers",
    resources=(Resources(_GROUP, ("clusterissuers", "issuers")),),
    conditions=_CONDITIONS,
    variables={
        # These read Secrets of cert-manager's namespace, where the authority's key is.
        "reads": f"object.kind == 'ClusterIssuer' || request.namespace == '{CERT_MANAGER}'",
        "other": "['acme', 'vault', 'venafi'].filter(kind, kind in object.spec)",
    },
    rules=(
        Rule(
            "sendsOut",
            "variables.reads ? variables.other : []",
            f"issuer of kind {{}}: it could send what is in a Secret of {CERT_MANAGER} to where it asks; "
            "make an Issuer in the namespace that needs it.",
        ),
        Rule(
            "authorityUsed",
            f"variables.reads && object.metadata.name != '{AUTHORITY}' && object.spec.?ca.?secretName.orValue('') =="
            f" '{AUTHORITY}' ? [object.metadata.name] : []",
            f"issuer {{}}: only ClusterIssuer {AUTHORITY}, which is judged by whom it signs for, has the key of that name; "
            "use a Secret of its own.",
        ),
    ),
    reason="Forbidden",
    everywhere=True,
)
POLICIES = (_CERTIFICATES, _REQUESTS, _ISSUERS)
