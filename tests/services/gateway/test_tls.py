"""Who speaks to the gateway, and with what."""

import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from services.gateway.settings import Settings, SettingsError
from services.gateway.tls import self_signed, server_context


def settings(certificate: Path | None = None, key: Path | None = None) -> Settings:
    """Settings that differ in their certificate only."""
    return Settings(
        triton_url="dns:///triton.test.invalid:8001",
        auth_issuer="https://issuer.test.invalid",
        auth_audience="inference-gateway",
        auth_jwks_file=Path("unused"),
        tls_certificate=certificate,
        tls_key=key,
    )


def shake(server: ssl.SSLContext, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> ssl.SSLObject:
    """The client's side of a handshake with `server`, in memory, by a client that verifies no certificate."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.minimum_version, client.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server, server_hostname="any")
    far = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (near, far) * 3:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return near


def peer(connection: ssl.SSLObject) -> x509.Certificate:
    """The certificate that the server showed."""
    shown = connection.getpeercert(binary_form=True)
    assert shown
    return x509.load_der_x509_certificate(shown)


def test_the_newest_version_is_spoken_where_both_know_it() -> None:
    """TLS 1.3 with a client that has it."""
    assert shake(server_context(settings())).version() == "TLSv1.3"


def test_older_clients_get_forward_secrecy() -> None:
    """TLS 1.2 with an ephemeral key and AES-GCM."""
    connection = shake(server_context(settings()), ssl.TLSVersion.TLSv1_2)
    cipher = connection.cipher()
    assert connection.version() == "TLSv1.2"
    assert cipher
    assert cipher[0].startswith("ECDHE-ECDSA-AES")
    assert "GCM" in cipher[0]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_clients_older_than_that_are_refused() -> None:
    """TLS 1.1 has no handshake."""
    with pytest.raises(ssl.SSLError):
        shake(server_context(settings()), ssl.TLSVersion.TLSv1_1)


def test_the_own_certificate_is_for_a_server_on_p256() -> None:
    """It signs itself, is valid now, and is no authority."""
    certificate = peer(shake(server_context(settings())))
    key = certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP256R1)
    certificate.verify_directly_issued_by(certificate)
    assert certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    assert certificate.not_valid_before_utc < certificate.not_valid_after_utc


def test_every_start_makes_another_key() -> None:
    """Two gateways share no key."""
    first, second = (peer(shake(server_context(settings()))) for _ in range(2))
    assert first.public_key() != second.public_key()


def test_the_own_key_is_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be created where a gateway may write; the handshake works all the same."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    shake(server_context(settings()))
    assert list(tmp_path.iterdir()) == []


def test_a_certificate_that_is_given_is_served(tmp_path: Path) -> None:
    """The files of the settings are read instead of making a certificate."""
    given = tmp_path / "both.pem"
    given.write_bytes(self_signed())
    expected = x509.load_pem_x509_certificate(given.read_bytes())
    shown = peer(shake(server_context(settings(given, given))))
    assert shown.fingerprint(hashes.SHA256()) == expected.fingerprint(hashes.SHA256())


@pytest.mark.parametrize("content", [None, b"no certificate", "another key"])
def test_a_certificate_that_does_not_fit_is_refused_in_one_sentence(tmp_path: Path, content: object) -> None:
    """A missing file, one that holds none, and the key of another certificate; the sentence names both variables."""
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(self_signed())
    if content is not None:
        key.write_bytes(content if isinstance(content, bytes) else self_signed())
    with pytest.raises(SettingsError, match="GATEWAY_TLS_CERTIFICATE and GATEWAY_TLS_KEY"):
        server_context(settings(certificate, key))
