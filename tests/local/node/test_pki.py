"""Certificates of the node."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key
from cryptography.x509.oid import ExtendedKeyUsageOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from local.node import identities, pki
from local.node.layout import Layout
from local.node.pki import Authority, Identity

SERVER = Identity(name="server", common_name="server", addresses=("198.18.0.1",), dns=("server.local",), server=True)


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def verify(authority: Authority, certificate: Path, name: x509.GeneralName) -> None:
    policy = PolicyBuilder().store(Store([load(authority.certificate)]))
    assert isinstance(name, x509.DNSName | x509.IPAddress)
    policy.build_server_verifier(name).verify(load(certificate), [])


def test_a_server_certificate_verifies_for_its_name_only(tmp_path: Path) -> None:
    """A strict verifier accepts the chain for the name asked for and refuses another name."""
    authority = Authority(tmp_path, "ca")
    certificate, _ = authority.issue(SERVER, tmp_path)
    verify(authority, certificate, x509.DNSName("server.local"))
    with pytest.raises(VerificationError):
        verify(authority, certificate, x509.DNSName("other.local"))


def test_a_certificate_of_another_authority_does_not_verify(tmp_path: Path) -> None:
    """etcd's authority and the cluster's do not vouch for each other."""
    certificate, _ = Authority(tmp_path, "etcd-ca").issue(SERVER, tmp_path)
    with pytest.raises(VerificationError):
        verify(Authority(tmp_path, "ca"), certificate, x509.DNSName("server.local"))


def test_usage_is_no_wider_than_asked(tmp_path: Path) -> None:
    """A client certificate can't be used to impersonate a server."""
    certificate, _ = Authority(tmp_path, "ca").issue(Identity(name="c", common_name="c", client=True), tmp_path)
    usage = load(certificate).extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]


def test_keys_are_their_owners_alone(tmp_path: Path) -> None:
    """Neither the authority's key nor an issued one can be read by others."""
    _, key = Authority(tmp_path, "ca").issue(SERVER, tmp_path)
    _, private = pki.signing_key_pair(tmp_path, "tokens")
    assert {stat.S_IMODE(path.stat().st_mode) for path in (key, private, tmp_path / "ca.key")} == {0o600}


def test_certificates_are_kept_while_they_fit(tmp_path: Path) -> None:
    """A second start changes nothing."""
    certificate, key = Authority(tmp_path, "ca").issue(SERVER, tmp_path)
    before = certificate.read_bytes(), key.read_bytes(), (tmp_path / "ca.crt").read_bytes()
    Authority(tmp_path, "ca").issue(SERVER, tmp_path)
    assert (certificate.read_bytes(), key.read_bytes(), (tmp_path / "ca.crt").read_bytes()) == before


@pytest.mark.parametrize("left", [timedelta(days=6, hours=23), timedelta(seconds=-1)])
def test_a_certificate_near_its_end_is_renewed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: timedelta
) -> None:
    """Within the last week, and after it, there is a new one."""
    authority = Authority(tmp_path, "ca")
    with monkeypatch.context() as patch:
        patch.setattr(pki, "_LEAF_LIFE", left)
        certificate, _ = authority.issue(SERVER, tmp_path)
    old = load(certificate).serial_number
    authority.issue(SERVER, tmp_path)
    renewed = load(certificate)
    assert renewed.serial_number != old
    assert renewed.not_valid_after_utc - datetime.now(UTC) > timedelta(days=30)


def test_a_new_authority_issues_everything_anew(tmp_path: Path) -> None:
    """When the authority is replaced, what the old one signed is replaced too."""
    certificate, _ = Authority(tmp_path, "ca").issue(SERVER, tmp_path)
    (tmp_path / "ca.crt").unlink()
    authority = Authority(tmp_path, "ca")
    authority.issue(SERVER, tmp_path)
    verify(authority, certificate, x509.DNSName("server.local"))


def test_a_changed_identity_gets_another_certificate(tmp_path: Path) -> None:
    """Another address means another certificate under the same name."""
    authority = Authority(tmp_path, "ca")
    certificate, _ = authority.issue(SERVER, tmp_path)
    moved = Identity(name="server", common_name="server", addresses=("127.0.0.1",), server=True)
    authority.issue(moved, tmp_path)
    names = load(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]


def test_a_key_that_is_not_the_certificates_is_replaced(tmp_path: Path) -> None:
    """A kill between the two writes leaves an old certificate beside a new key: the next start mends it."""
    authority = Authority(tmp_path, "ca")
    certificate, key = authority.issue(SERVER, tmp_path)
    _, other = authority.issue(Identity(name="other", common_name="other", client=True), tmp_path)
    key.write_bytes(other.read_bytes())
    authority.issue(SERVER, tmp_path)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key)


def test_token_keys_stay_and_belong_together(tmp_path: Path) -> None:
    """Tokens issued before a restart stay valid after it."""
    public, private = pki.signing_key_pair(tmp_path, "tokens")
    before = private.read_bytes()
    public.unlink()
    public, private = pki.signing_key_pair(tmp_path, "tokens")
    assert private.read_bytes() == before
    assert load_pem_private_key(before, None).public_key() == load_pem_public_key(public.read_bytes())


def test_the_api_server_is_known_by_every_name_that_pods_and_people_use(tmp_path: Path) -> None:
    """The node's address, the Service's address and its DNS names."""
    credentials = identities.ensure(Layout(tmp_path))
    certificate = load(credentials.certificate(identities.API_SERVER_IDENTITY))
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert {str(address) for address in names.get_values_for_type(x509.IPAddress)} == {"198.18.0.1", "198.19.0.1"}
    assert "kubernetes.default.svc.cluster.local" in names.get_values_for_type(x509.DNSName)


def test_the_kubelet_is_restricted_to_its_own_node(tmp_path: Path) -> None:
    """Node authorisation recognises a kubelet by user and group, which the certificate carries."""
    credentials = identities.ensure(Layout(tmp_path))
    assert load(credentials.certificate(identities.KUBELET)).subject.rfc4514_string() == (
        "CN=system:node:inference,O=system:nodes"
    )
