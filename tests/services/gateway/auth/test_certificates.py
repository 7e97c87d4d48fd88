"""Whom a verified client certificate names."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from services.gateway.auth import Principal
from services.gateway.auth.certificates import CertificateVerifier, Peer, peer
from services.http.problems import ProblemError
from tests.pki import Authority

CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
BATCH, SPIFFE = "batch.inference.svc.cluster.local", "spiffe://inference.example/batch"
CALLERS = {BATCH: frozenset({"classify"}), SPIFFE: frozenset({"deidentify"})}


def of(*names: str, usages: tuple[x509.ObjectIdentifier, ...] = (CLIENT,)) -> Peer:
    """What is read from a certificate for these names."""
    leaf = Authority().leaf(*names, usages=usages, ends=timedelta(days=1))
    return peer(x509.load_pem_x509_certificate(leaf.chain).public_bytes(Encoding.DER))


def refusal(shown: Peer, *, now: float = 0) -> tuple[int, str]:
    with pytest.raises(ProblemError) as caught:
        CertificateVerifier(CALLERS, now=lambda: now).verify(shown)
    return caught.value.problem.status, caught.value.problem.name


@pytest.mark.parametrize("name", [BATCH, SPIFFE])
def test_a_caller_is_known_by_a_name(name: str) -> None:
    """Of DNS or a URI, among others that are not in the mapping."""
    principal = CertificateVerifier(CALLERS).verify(of(name, "batch.inference.svc", "10.0.0.1"))
    assert principal == Principal(name, CALLERS[name], "certificate")


def test_dns_names_know_no_case() -> None:
    """As in DNS."""
    assert CertificateVerifier(CALLERS).verify(of(BATCH.title())).subject == BATCH


@pytest.mark.parametrize(
    "shown",
    [
        of("other.inference.svc.cluster.local"),
        of("*.inference.svc.cluster.local"),
        of("x." + BATCH),
        of("10.0.0.1"),
        of(BATCH, SPIFFE),
        of(BATCH, usages=(SERVER,)),
    ],
    ids=["another", "wildcard", "below", "address", "two callers", "for servers"],
)
def test_who_is_not_one_caller_is_nobody(shown: Peer) -> None:
    """A 403: the authority knows it, and the mapping does not."""
    assert refusal(shown) == (403, "certificate_unknown")


def test_a_certificate_that_ended_while_connected_is_refused() -> None:
    """To the second at which it ends."""
    shown = of(BATCH)
    assert CertificateVerifier(CALLERS, now=lambda: shown.ends - 1).verify(shown).subject == BATCH
    assert refusal(shown, now=shown.ends) == (401, "certificate_expired")


def test_a_certificate_without_names_or_usages_names_nobody() -> None:
    """And what is no certificate does not either."""
    assert of(BATCH, usages=()).names == frozenset()
    assert peer(b"certificate").names == frozenset()
