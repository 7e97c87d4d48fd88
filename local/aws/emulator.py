"""moto behind TLS: `python -m local.aws.emulator ADDRESS PORT CERTIFICATE KEY` serves until it is ended.

Not moto_server itself, because that makes the TLS handshake in its only accepting thread: one client that connects and
says nothing would stop every other.
"""

import json
import logging
import signal
import ssl
import sys
from pathlib import Path
from typing import Any, ClassVar

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.s3.models import FakeBucket, FakeDeleteMarker
from werkzeug.serving import BaseWSGIServer, make_server

_IDLE_S = 60


class _Handler(MotoRequestHandler):
    timeout: ClassVar[int] = _IDLE_S  # also bounds the handshake, which the first read makes
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # headers and body are two writes; waiting for the first's ACK costs 40 ms

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Refusals only: a request line of every call would make the log grow without end."""
        if str(code)[:1] in "45":
            super().log_request(code, size)


def leave_conditions_out() -> None:
    """Judge buckets' policies by their unconditional statements.

    moto knows none of the values that conditions speak of, and takes a Deny with a condition ("not over TLS", "not with
    our key") as one that always holds: a bucket with a good policy could not be used at all.
    """

    def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
        if self.policy is None:
            return PermissionResult.NEUTRAL
        policy = json.loads(self.policy)
        statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
        judged = [statement for statement in statements if "Condition" not in statement]
        return IAMPolicy(json.dumps({**policy, "Statement": judged})).is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission  # type: ignore[method-assign]


def let_delete_markers_go() -> None:
    """Let a version that is a delete marker be deleted: moto frees an object's bytes then, and a marker has none."""
    FakeDeleteMarker.dispose = lambda self, garbage=False: None  # type: ignore[attr-defined]


def serve(address: str, port: int, certificate: Path, key: Path) -> BaseWSGIServer:
    """A bound server, not serving yet; raises SystemExit where the port is taken."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    application: Any = DomainDispatcherApplication(create_backend_app)
    server = make_server(address, port, application, threaded=True, request_handler=_Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.ssl_context = context
    return server


def main() -> None:
    """Serve until SIGTERM."""
    address, port, certificate, key = sys.argv[1:]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    leave_conditions_out()
    let_delete_markers_go()
    server = serve(address, int(port), Path(certificate), Path(key))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.serve_forever()


if __name__ == "__main__":
    main()
