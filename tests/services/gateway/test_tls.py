"""Who speaks to the gateway, and with what."""

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from services.gateway.settings import Settings, SettingsError
from services.gateway.tls import Identity, identity_files
from tests.pki import Leaf, mount
from tests.services.gateway.fake_triton import AUTHORITY, GATEWAY, IDENTITY
from tests.services.gateway.handshake import shake


def settings(folder: Path) -> Settings:
    """Settings with the files of a mounted Secret."""
    return Settings(
        triton_url="dns:///triton.test.invalid:8001",
        auth_issuer="https://issuer.test.invalid",
        auth_audience="inference-gateway",
        auth_jwks_file=Path("unused"),
        tls_certificate=folder / "tls.crt",
        tls_key=folder / "tls.key",
        triton_ca=folder / "ca.crt",
    )


def test_the_newest_version_is_spoken_where_both_know_it() -> None:
    """TLS 1.3 with a client that has it."""
    assert shake(IDENTITY.server_context()).version() == "TLSv1.3"


def test_older_clients_get_forward_secrecy() -> None:
    """TLS 1.2 with an ephemeral key and AES-GCM."""
    connection = shake(IDENTITY.server_context(), newest=ssl.TLSVersion.TLSv1_2)
    cipher = connection.cipher()
    assert connection.version() == "TLSv1.2"
    assert cipher
    assert cipher[0].startswith("ECDHE-ECDSA-AES")
    assert "GCM" in cipher[0]


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_clients_older_than_that_are_refused() -> None:
    """TLS 1.1 has no handshake."""
    with pytest.raises(ssl.SSLError):
        shake(IDENTITY.server_context(), newest=ssl.TLSVersion.TLSv1_1)


def test_the_files_of_the_settings_are_the_identity(tmp_path: Path) -> None:
    """What is read is what lies there at that moment, newer content at the next reading."""
    first, second = AUTHORITY.leaf(GATEWAY), AUTHORITY.leaf(GATEWAY)
    mount(tmp_path, first, AUTHORITY.pem)
    read = identity_files(settings(tmp_path))
    assert read() == Identity(first.chain, first.key, AUTHORITY.pem)
    mount(tmp_path, second, AUTHORITY.pem)
    assert read() == Identity(second.chain, second.key, AUTHORITY.pem)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    """It names the variables, and not the path."""
    with pytest.raises(
        SettingsError, match="GATEWAY_TLS_CERTIFICATE, GATEWAY_TLS_KEY and GATEWAY_TRITON_CA"
    ) as refusal:
        identity_files(settings(tmp_path))()
    assert str(tmp_path) not in str(refusal.value)


def _encrypted(leaf: Leaf) -> bytes:
    key = load_pem_private_key(leaf.key, None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


@pytest.mark.parametrize(
    "change",
    [
        {"key": AUTHORITY.leaf(GATEWAY).key},
        {"key": b"no key"},
        {"key": _encrypted(Leaf(IDENTITY.chain, IDENTITY.key))},
        {"chain": b""},
        {"chain": IDENTITY.chain[:-40]},
        {"authority": b""},
        {"authority": IDENTITY.key},
    ],
    ids=["another key", "no key", "encrypted", "no chain", "half a chain", "no authority", "a key as authority"],
)
def test_what_does_not_fit_is_refused_in_one_sentence(change: dict[str, bytes]) -> None:
    """The sentence names the variables and shows nothing of the files."""
    with pytest.raises(
        SettingsError, match="GATEWAY_TLS_CERTIFICATE, GATEWAY_TLS_KEY and GATEWAY_TRITON_CA"
    ) as refusal:
        replace(IDENTITY, **change).server_context()
    assert refusal.value.__suppress_context__


def test_the_key_is_not_shown() -> None:
    """Printing an identity shows no private key."""
    assert "PRIVATE KEY" not in repr(IDENTITY)
