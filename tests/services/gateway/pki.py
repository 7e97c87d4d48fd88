"""An authority, the certificates that it gives out, and their files as a kubelet mounts and rotates them."""

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from services.gateway.tls import Identity

LOOPBACK = "127.0.0.1"
GATEWAY = "gateway.gateway.svc.cluster.local"


@dataclass(frozen=True)
class Leaf:
    """A certificate and its key, PEM."""

    chain: bytes
    key: bytes

    @property
    def serial(self) -> int:
        """What tells this certificate from others."""
        return x509.load_pem_x509_certificate(self.chain).serial_number


class Authority:
    """Signs certificates on P-256."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        ca = x509.BasicConstraints(ca=True, path_length=0)
        own = _builder(self._name, self._name, self._key).add_extension(ca, critical=True)
        self.pem = own.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def leaf(self, *names: str, ends: timedelta = timedelta(days=90)) -> Leaf:
        """A new key and a certificate of it for DNS names and IP addresses; negative `ends` make it an expired one."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        alternatives = x509.SubjectAlternativeName([_alternative(name) for name in names])
        builder = _builder(subject, self._name, key, ends=ends).add_extension(alternatives, critical=False)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return Leaf(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM), private)

    def identity(self, leaf: Leaf | None = None) -> Identity:
        """The gateway's, with this certificate or a new one."""
        leaf = leaf or self.leaf(GATEWAY, LOOPBACK)
        return Identity(leaf.chain, leaf.key, self.pem)


def mount(folder: Path, leaf: Leaf, authority: bytes) -> None:
    """Write tls.crt, tls.key and ca.crt, or replace all of them at once: links into `..data`, which is moved over."""
    version = folder / f"..{leaf.serial}"
    version.mkdir(parents=True)
    for name, content in (("tls.crt", leaf.chain), ("tls.key", leaf.key), ("ca.crt", authority)):
        (version / name).write_bytes(content)
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(f"..data/{name}")
    (folder / "..data_tmp").symlink_to(version.name)
    (folder / "..data_tmp").rename(folder / "..data")


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, *, ends: timedelta = timedelta(days=90)
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=100))
        .not_valid_after(now + ends)
    )
