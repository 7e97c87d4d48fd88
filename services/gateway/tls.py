"""What the gateway serves TLS with: a certificate that it is given, or one that it makes for itself at the start."""

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from services.gateway.settings import Settings, SettingsError

NAME = "gateway"
LIFE = timedelta(days=365)
"""Longer than a pod lives, whose node is replaced to be patched."""
_CLOCK_SKEW = timedelta(minutes=5)


def server_context(settings: Settings) -> ssl.SSLContext:
    """TLS 1.3, or 1.2 with forward secrecy: what checks the health of a load balancer's targets may speak no newer.

    Without a certificate in the settings the gateway makes one. That encrypts, and proves nothing: it is for clients
    that verify no certificate, as an Application Load Balancer and the kubelet do not.

    Raises:
        SettingsError: the files that the settings name are no certificate with its key.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM")  # of TLS 1.2; those of 1.3 are all good
    if settings.tls_certificate and settings.tls_key:
        _load_given(context, settings.tls_certificate, settings.tls_key)
    else:
        _load_own(context)
    return context


def _load_given(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError):
        raise SettingsError(
            "Set GATEWAY_TLS_CERTIFICATE and GATEWAY_TLS_KEY in the gateway's environment to the paths of a PEM"
            " certificate and the key that belongs to it."
        ) from None


def _load_own(context: ssl.SSLContext) -> None:
    """Gives OpenSSL, which reads files only, one that has no name and lies in no file system."""
    with open(os.memfd_create(NAME), "wb", buffering=0) as file:
        file.write(self_signed())
        context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")


def self_signed() -> bytes:
    """A new P-256 key and a certificate for it, PEM. Whoever holds the bytes holds the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + LIFE)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)
