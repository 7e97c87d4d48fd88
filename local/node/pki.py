"""Certificate authorities of the node, and what they sign."""

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

RENEW_BEFORE = timedelta(days=7)
_LEAF_LIFE = timedelta(days=90)
_AUTHORITY_LIFE = timedelta(days=365)
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whom a certificate names, and what it may be used for."""

    name: str
    common_name: str
    organisation: str | None = None
    addresses: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    server: bool = False
    client: bool = False

    @property
    def subject(self) -> x509.Name:
        """X.509 subject; Kubernetes reads the user from CN and the group from O."""
        parts = [x509.NameAttribute(NameOID.COMMON_NAME, self.common_name)]
        if self.organisation:
            parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.organisation))
        return x509.Name(parts)

    @property
    def alternative_names(self) -> x509.SubjectAlternativeName | None:
        """Names and addresses under which a server answers; None where there are none."""
        names: list[x509.GeneralName] = [x509.IPAddress(ip_address(address)) for address in self.addresses]
        names += [x509.DNSName(name) for name in self.dns]
        return x509.SubjectAlternativeName(names) if names else None

    @property
    def usage(self) -> x509.ExtendedKeyUsage:
        """Server authentication, client authentication, or both."""
        usages = [ExtendedKeyUsageOID.SERVER_AUTH] if self.server else []
        return x509.ExtendedKeyUsage([*usages, ExtendedKeyUsageOID.CLIENT_AUTH] if self.client else usages)


class Authority:
    """A certificate authority in `directory`, made at first use; its key never leaves that directory."""

    def __init__(self, directory: Path, name: str) -> None:
        self._name = name
        self.certificate = directory / f"{name}.crt"
        self._key = directory / f"{name}.key"
        now = datetime.now(UTC)
        certificate = _current(self.certificate, self._key, now)
        if certificate is None:
            certificate = self._create(now)
        self._certificate = certificate
        self._private_key = _load_key(self._key)

    def issue(self, identity: Identity, directory: Path) -> tuple[Path, Path]:
        """Certificate and key of `identity` in `directory` (PEM, key 0600), kept while they fit and last."""
        certificate, key = directory / f"{identity.name}.crt", directory / f"{identity.name}.key"
        now = datetime.now(UTC)
        current = _current(certificate, key, now)
        if current is None or not self._signed(current) or not _fits(current, identity):
            self._sign(identity, certificate, key, now)
        return certificate, key

    def _create(self, now: datetime) -> x509.Certificate:
        private = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"private-inference {self._name}")])
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        certificate = (
            _builder(name, name, private.public_key(), now, _AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(private, hashes.SHA256())
        )
        _write(self._key, _pem(private))
        _write(self.certificate, certificate.public_bytes(serialization.Encoding.PEM), mode=0o644)
        return certificate

    def _sign(self, identity: Identity, certificate: Path, key: Path, now: datetime) -> None:
        private = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=False,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = (
            _builder(identity.subject, self._certificate.subject, private.public_key(), now, _LEAF_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage, critical=True)
            .add_extension(identity.usage, critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._private_key.public_key()), critical=False
            )
        )
        if identity.alternative_names:
            builder = builder.add_extension(identity.alternative_names, critical=False)
        signed = builder.sign(self._private_key, hashes.SHA256())
        _write(key, _pem(private))
        _write(certificate, signed.public_bytes(serialization.Encoding.PEM), mode=0o644)

    def _signed(self, certificate: x509.Certificate) -> bool:
        try:
            certificate.verify_directly_issued_by(self._certificate)
        except (ValueError, TypeError, InvalidSignature):
            return False
        return True


def signing_key_pair(directory: Path, name: str) -> tuple[Path, Path]:
    """Public and private key (PEM, private 0600) for signing service-account tokens; made once."""
    public, private = directory / f"{name}.pub", directory / f"{name}.key"
    if not private.exists():
        _write(private, _pem(ec.generate_private_key(ec.SECP256R1())))
        public.unlink(missing_ok=True)
    if not public.exists():
        encoded = (
            _load_key(private)
            .public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
        _write(public, encoded, mode=0o644)
    return public, private


def _builder(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    )


def _current(certificate: Path, key: Path, now: datetime) -> x509.Certificate | None:
    """The certificate on disk, or None where there is none, it ends soon, or the key beside it is another's."""
    try:
        loaded = x509.load_pem_x509_certificate(certificate.read_bytes())
        matches = loaded.public_key() == _load_key(key).public_key()
    except (FileNotFoundError, ValueError):
        return None
    return loaded if matches and loaded.not_valid_after_utc - now > RENEW_BEFORE else None


def _fits(certificate: x509.Certificate, identity: Identity) -> bool:
    extensions = certificate.extensions
    names: x509.SubjectAlternativeName | None = None
    with suppress(x509.ExtensionNotFound):
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    return certificate.subject == identity.subject and names == identity.alternative_names and usage == identity.usage


def _load_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path.name} is not an elliptic-curve key")
    return key


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Replace `path` in one step, never readable by others for a moment longer than `mode` allows."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    aside.replace(path)
