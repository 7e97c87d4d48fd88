"""Certificates as cert-manager issues them, and the folder in which a pod finds them."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


@dataclass(frozen=True)
class Leaf:
    """A certificate and its key, PEM."""

    chain: bytes
    key: bytes = field(repr=False)

    @property
    def serial(self) -> int:
        """What tells this certificate from others."""
        return x509.load_pem_x509_certificate(self.chain).serial_number


class Authority:
    """Issues certificates as cert-manager does: on P-256, with all names as alternatives of an empty subject."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "inference-ca")])
        own = self._builder(self._name, self._key, ends=timedelta(days=90))
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        self.pem = own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def leaf(
        self, *names: str, ends: timedelta = timedelta(days=90), usages: Sequence[x509.ObjectIdentifier] = ()
    ) -> Leaf:
        """A new key and a certificate of it for DNS names, IP addresses and URIs; negative `ends` make it an expired one."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
        builder = self._builder(x509.Name([]), key, ends=ends).add_extension(alternatives, critical=True)
        if usages:
            builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Leaf(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM), private)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, ends: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=100))
            .not_valid_after(now + ends)
        )


def mount(folder: Path, leaf: Leaf, authority: bytes) -> None:
    """Write tls.crt, tls.key and ca.crt as the kubelet does, or replace all at once: links into `..data`, moved over."""
    version = folder / f"..{leaf.serial}"
    version.mkdir(parents=True)
    for name, content in (("tls.crt", leaf.chain), ("tls.key", leaf.key), ("ca.crt", authority)):
        (version / name).write_bytes(content)
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    (folder / "..data_tmp").symlink_to(version.name)
    (folder / "..data_tmp").rename(folder / "..data")


def _alternative(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
