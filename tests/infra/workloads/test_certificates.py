"""The cluster's own certificates: who issues them, for whom, and how long each is good."""

from typing import Any

import pulumi
import pytest
from pulumi_kubernetes.core.v1 import SecretVolumeSourceArgs

from infra.workloads import certificates
from infra.workloads.certificates import CertificateAuthority
from tests.infra.components import Component, run_component
from tests.infra.conftest import Program


@pytest.fixture(scope="module")
def authority() -> Component:
    """The authority by itself."""

    def build() -> None:
        CertificateAuthority("certificates")

    return run_component(build)


@pytest.fixture(scope="module")
def server() -> Component:
    """A server's certificate by itself."""

    def build() -> dict[str, pulumi.Input[Any]]:
        volume = certificates.leaf(
            "triton",
            namespace="inference",
            names=certificates.service_names("triton", "inference"),
            usages=[certificates.SERVER],
            opts=pulumi.ResourceOptions(),
        )
        assert isinstance(volume.secret, SecretVolumeSourceArgs)
        return {"secret": volume.secret.secret_name, "mode": volume.secret.default_mode}

    return run_component(build)


def spec(found: Program, kind: str, name: str | None = None) -> dict[str, Any]:
    """Of the one resource of a kind of cert-manager."""
    whole: dict[str, Any] = found.only(f"cert-manager.io/v1:{kind}", name)["spec"]
    return whole


def hours(duration: str) -> int:
    """As Go writes it."""
    return int(duration.removesuffix("h"))


def test_the_authority_lives_where_cert_manager_alone_reads(authority: Component) -> None:
    """It signs itself once; what servers get comes from the issuer that holds its key."""
    made = authority.only("Certificate")
    assert made["metadata"]["namespace"] == "cert-manager"
    assert made["spec"]["isCA"] is True
    assert made["spec"]["issuerRef"]["name"] == "inference-bootstrap"
    assert made["spec"]["usages"] == ["cert sign", "crl sign"]
    assert spec(authority, "ClusterIssuer", "inference-bootstrap-issuer") == {"selfSigned": {}}
    assert spec(authority, "ClusterIssuer", "inference-ca-issuer") == {"ca": {"secretName": "inference-ca"}}


def test_a_renewed_authority_is_the_same_to_everybody(authority: Component) -> None:
    """Key and name stay, so that old and new certificates verify with each other's; a year is left to renew it."""
    made = spec(authority, "Certificate")
    assert made["privateKey"]["rotationPolicy"] == "Never"
    assert made["commonName"] == "inference-ca"
    assert hours(made["renewBefore"]) >= 365 * 24
    assert hours(made["duration"]) > 2 * hours(made["renewBefore"])


def test_a_server_gets_another_key_every_few_weeks(server: Component) -> None:
    """A stolen one is of use for a month at most, and a week is left to notice that none is renewed."""
    made = spec(server, "Certificate")
    assert made["privateKey"] == {
        "algorithm": "ECDSA",
        "size": 256,
        "encoding": "PKCS8",
        "rotationPolicy": "Always",
    }
    assert hours(made["duration"]) <= 30 * 24
    assert hours(made["duration"]) > hours(made["renewBefore"]) >= 7 * 24
    assert made["issuerRef"] == {"name": "inference-ca", "kind": "ClusterIssuer", "group": "cert-manager.io"}
    assert made["usages"] == ["digital signature", "server auth"]


def test_pods_wait_for_their_certificate(server: Component) -> None:
    """The Secret's name comes from a resource that the engine calls made when cert-manager has issued it."""
    made = server.only("Certificate")
    assert made["metadata"]["annotations"]["pulumi.com/waitFor"] == "condition=Ready"
    assert server.exports == {"secret": made["spec"]["secretName"], "mode": 0o440}


def test_what_cert_manager_makes_is_labelled_as_ours(authority: Component, server: Component) -> None:
    """Resources and Secrets say what they belong to."""
    for found in (authority, server):
        for each in found.of("cert-manager.io/v1"):
            assert each.inputs["metadata"]["labels"]["app.kubernetes.io/part-of"] == "inference"
        labels = spec(found, "Certificate")["secretTemplate"]["labels"]
        assert {"app.kubernetes.io/name", "app.kubernetes.io/part-of"} <= set(labels)


def test_the_gateway_and_triton_have_one_each(prod: Program) -> None:
    """The gateway's is a client's too, with the name that Triton's proxy asks for; Triton's has all names of its Services."""
    gateway, triton = spec(prod, "Certificate", "gateway-tls"), spec(prod, "Certificate", "triton-tls")
    assert {"server auth", "client auth"} <= set(gateway["usages"])
    assert "client auth" not in triton["usages"]
    assert "gateway.gateway.svc.cluster.local" in gateway["dnsNames"]
    assert set(triton["dnsNames"]) == {
        f"{service}{suffix}"
        for service in ("triton", "triton-headless")
        for suffix in ("", ".inference", ".inference.svc", ".inference.svc.cluster.local")
    }
