"""Client certificates: whom a verified one names, and what that caller may do."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from services.gateway.auth.principal import Principal
from services.gateway.problems import UNKNOWN_CERTIFICATE, invalid_certificate
from services.http.problems import ProblemError


@dataclass(frozen=True)
class Peer:
    """The other end of a connection, by a certificate that TLS has verified: its DNS names and URIs, and its end."""

    names: frozenset[str]
    ends: float
    """Unix time."""


def peer(certificate: bytes) -> Peer:
    """Who is named in a certificate (DER). One that does not say that it is for clients names nobody."""
    try:
        parsed = x509.load_der_x509_certificate(certificate)
        usages = parsed.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        alternative = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (ValueError, x509.ExtensionNotFound):
        return Peer(frozenset(), 0)
    names = [
        *(name.lower() for name in alternative.get_values_for_type(x509.DNSName)),
        *alternative.get_values_for_type(x509.UniformResourceIdentifier),
    ]
    for_clients = ExtendedKeyUsageOID.CLIENT_AUTH in usages
    return Peer(frozenset(names if for_clients else ()), parsed.not_valid_after_utc.timestamp())


class CertificateVerifier:
    """Knows callers by a name in their certificate, each exactly as it is in the mapping."""

    def __init__(self, callers: Mapping[str, frozenset[str]], *, now: Callable[[], float] = time.time) -> None:
        self._callers, self._now = callers, now

    def verify(self, peer: Peer) -> Principal:
        """The caller of this connection, which may be older than what the mapping and the clock say now.

        Raises:
            ProblemError: 401 where the certificate has ended, 403 where it names no caller, or several.
        """
        if self._now() >= peer.ends:
            raise ProblemError(invalid_certificate("certificate_expired"))
        known = [name for name in peer.names if name in self._callers]
        if len(known) != 1:
            raise ProblemError(UNKNOWN_CERTIFICATE)
        return Principal(known[0], self._callers[known[0]], method="certificate")
