"""The cluster's certificates, as its Secrets hold them, and what may happen to them."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from tests.e2e.api import Api

AUTHORITY = ("cert-manager", "inference-ca")
_CERTIFICATES = "/apis/cert-manager.io/v1/namespaces/{}/certificates/{}"


@dataclass(frozen=True)
class Authority:
    """The cluster's CA."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def path(namespace: str, name: str) -> str:
    """Of the Secret that a Certificate of this name fills."""
    return f"/api/v1/namespaces/{namespace}/secrets/{name}"


def leaf(api: Api, namespace: str, name: str) -> x509.Certificate:
    """The certificate in a Secret."""
    return x509.load_pem_x509_certificate(data(api, namespace, name)["tls.crt"])


def authority(api: Api) -> Authority:
    """Certificate and key of the CA."""
    held = data(api, *AUTHORITY)
    key = load_pem_private_key(held["tls.key"], None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return Authority(x509.load_pem_x509_certificate(held["tls.crt"]), key)


def renew(api: Api, namespace: str, name: str) -> None:
    """Tell cert-manager to issue a Certificate anew: https://cert-manager.io/docs/reference/cmctl/#renew."""
    where = _CERTIFICATES.format(namespace, name)
    conditions = [c for c in api.get(where)["status"]["conditions"] if c["type"] != "Issuing"]
    issuing = {
        "type": "Issuing",
        "status": "True",
        "reason": "ManuallyTriggered",
        "message": "Certificate re-issuance manually triggered",
        "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    api.patch(f"{where}/status", {"status": {"conditions": [*conditions, issuing]}})


def expire(api: Api, namespace: str, name: str) -> None:
    """Put the certificate that a Secret holds into the past: same names, signed by the same authority."""
    known, signer = leaf(api, namespace, name), authority(api)
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(known.subject)
        .issuer_name(signer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=31))
        .not_valid_after(now - timedelta(days=1))
    )
    for extension in known.extensions:
        if not isinstance(extension.value, x509.SubjectKeyIdentifier):
            builder = builder.add_extension(extension.value, critical=extension.critical)
    expired = builder.sign(signer.key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pair = {"tls.crt": expired.public_bytes(Encoding.PEM), "tls.key": private}
    encoded = {field: base64.b64encode(content).decode() for field, content in pair.items()}
    api.patch(path(namespace, name), {"data": encoded})


def data(api: Api, namespace: str, name: str) -> dict[str, bytes]:
    """What a Secret holds."""
    encoded: dict[str, str] = api.get(path(namespace, name))["data"]
    return {field: base64.b64decode(content) for field, content in encoded.items()}
