"""Who the gateway is, and whom it believes: a certificate, its key, and the authority of both sides' certificates."""

import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509

from services.gateway.settings import Settings, SettingsError

_REMEDY = (
    "Set GATEWAY_TLS_CERTIFICATE, GATEWAY_TLS_KEY and GATEWAY_TRITON_CA in the gateway's environment to the paths of a"
    " PEM certificate, the unencrypted key that belongs to it, and the certificate of the authority."
)


@dataclass(frozen=True)
class Identity:
    """The content of the files at one moment, PEM: the chain with its key is shown to clients and to Triton alike."""

    chain: bytes
    key: bytes = field(repr=False)
    authority: bytes

    @property
    def not_after(self) -> datetime:
        """When the certificate ends, in UTC."""
        return x509.load_pem_x509_certificate(self.chain).not_valid_after_utc

    def server_context(self, *, ask_clients: bool = False) -> ssl.SSLContext:
        """TLS 1.3, or 1.2 with forward secrecy: what checks the health of a load balancer's targets may speak no newer.

        With `ask_clients` a client may show a certificate; there is no handshake with one that the authority did not
        sign, that has ended, or that is for servers only.

        Raises:
            SettingsError: the chain and the key don't belong together, or one of the three is not what it should be.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ECDHE+AESGCM")  # of TLS 1.2; those of 1.3 are all good
        try:
            x509.load_pem_x509_certificates(self.authority)
            self._load(context)
            if ask_clients:
                context.verify_mode = ssl.CERT_OPTIONAL
                context.load_verify_locations(cadata=self.authority.decode("ascii"))
        except (OSError, ValueError):  # ssl.SSLError is an OSError
            raise SettingsError(_REMEDY) from None
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        """OpenSSL reads files only; this one lies in no file system and holds what was read, not what is there now."""
        with open(os.memfd_create("identity"), "wb", buffering=0) as file:
            file.write(self.chain + b"\n" + self.key)
            # Without a password OpenSSL would ask the terminal for the one of an encrypted key.
            context.load_cert_chain(f"/proc/self/fd/{file.fileno()}", password="")


def identity_files(settings: Settings) -> Callable[[], Identity]:
    """Reads the files of these settings at each call; SettingsError when one can't be read."""

    def read() -> Identity:
        try:
            return Identity(
                chain=settings.tls_certificate.read_bytes(),
                key=settings.tls_key.read_bytes(),
                authority=settings.triton_ca.read_bytes(),
            )
        except OSError:
            raise SettingsError(_REMEDY) from None

    return read
