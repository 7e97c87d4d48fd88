"""A TLS handshake in memory, by a client that verifies no certificate."""

import ssl

from cryptography import x509


def shake(
    server: ssl.SSLContext, *, name: str | None = "any", newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> ssl.SSLObject:
    """The client's side of a handshake with `server`, whom it calls `name`."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    client.minimum_version, client.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, newest
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = client.wrap_bio(to_client, to_server, server_hostname=name)
    far = server.wrap_bio(to_server, to_client, server_side=True)
    for side in (near, far) * 3:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    return near


def shown(server: ssl.SSLContext, *, name: str | None = "any") -> int:
    """The serial number of the certificate that the server shows."""
    certificate = shake(server, name=name).getpeercert(binary_form=True)
    assert certificate
    return x509.load_der_x509_certificate(certificate).serial_number
