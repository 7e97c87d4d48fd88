"""The issuer over HTTPS."""

import json
import ssl
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from local.issuer import DISCOVERY, ISSUER, KEY_SET, LISTEN, SCOPES, TOKEN
from local.issuer.keys import SigningKey, SigningKeys
from local.issuer.tokens import Refused, TokenEndpoint
from local.node.pki import Authority, Identity

MAX_FORM_BYTES = 16 * 1024
_DISCARDED_BYTES = 16 * MAX_FORM_BYTES
METADATA = {
    "issuer": ISSUER,
    "jwks_uri": ISSUER + KEY_SET,
    "token_endpoint": ISSUER + TOKEN,
    "grant_types_supported": ["client_credentials"],
    "response_types_supported": [],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["ES256"],
    "scopes_supported": sorted(SCOPES),
    "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    "token_endpoint_auth_signing_alg_values_supported": ["ES256"],
}


def authority(directory: Path) -> Authority:
    """Who signed the issuer's certificate."""
    return Authority(directory / "tls", "ca")


def client_key(directory: Path) -> SigningKey:
    """By which the one client shows who it is."""
    return SigningKey(directory / "client.pem")


def prepare(directory: Path) -> tuple[Path, Path]:
    """Makes what is missing: keys, the client's key, and certificate and key for TLS, which it returns.

    Whoever starts the issuer calls it first, so that no two processes make the same at once.
    """
    SigningKeys(directory)
    client_key(directory)
    name = Identity(name="issuer", common_name="issuer", addresses=(LISTEN.address,), server=True)
    return authority(directory).issue(name, directory / "tls")


def serve(directory: Path, port: int = LISTEN.port) -> ThreadingHTTPServer:
    """Listens on loopback, on the keys in `directory`; they are read anew for each request, so a rotation needs no signal."""
    certificate = prepare(directory)
    keys = SigningKeys(directory)
    endpoint = TokenEndpoint(client=client_key(directory), signing=lambda: keys.signing)

    class Handler(_Handler):
        def documents(self) -> dict[str, Any]:
            return {DISCOVERY: METADATA, KEY_SET: keys.jwks()}

        def token(self, form: dict[str, str]) -> dict[str, Any]:
            return endpoint.answer(form)

    server = _Server((LISTEN.address, port), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(*certificate)
    # Each handshake in its connection's own thread, or one that is not finished would hold up all others.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Nothing: a client that breaks off is no fault of the issuer's."""


class _Handler(BaseHTTPRequestHandler):
    """Three paths; everything else is not found. Nothing of a request is logged."""

    timeout = 10
    protocol_version = "HTTP/1.1"

    def documents(self) -> dict[str, Any]:
        raise NotImplementedError

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        raise NotImplementedError

    def do_GET(self) -> None:
        found = self.documents().get(self.path)
        self._send(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, found or {"error": "not_found"})

    def do_POST(self) -> None:
        self.close_connection = True
        length = self.headers.get("Content-Length", "")
        if self.path != TOKEN:
            return self._send(HTTPStatus.NOT_FOUND, {"error": "not_found"})
        if not length.isdigit() or int(length) > MAX_FORM_BYTES:
            # Closing before it was read would reset the connection, and the client would not see why.
            self.rfile.read(min(int(length), _DISCARDED_BYTES) if length.isdigit() else 0)
            return self._send(HTTPStatus.BAD_REQUEST, {"error": "invalid_request"})
        try:
            form = dict(parse_qsl(self.rfile.read(int(length)).decode("ascii"), strict_parsing=True))
            self._send(HTTPStatus.OK, self.token(form))
        except ValueError:
            self._send(HTTPStatus.BAD_REQUEST, {"error": "invalid_request"})
        except Refused as refusal:
            unknown = str(refusal) == "invalid_client"
            self._send(HTTPStatus.UNAUTHORIZED if unknown else HTTPStatus.BAD_REQUEST, {"error": str(refusal)})

    def _send(self, status: HTTPStatus, document: dict[str, Any]) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""
