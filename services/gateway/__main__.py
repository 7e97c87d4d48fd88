"""`python -m services.gateway`: serve TLS on every address of the pod. Exit code 2 when a setting is wrong."""

import sys
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from services.gateway import logs
from services.gateway.auth.protocol import ClientCertificateProtocol
from services.gateway.rotation import Rotation
from services.gateway.settings import Settings, SettingsError, load_settings
from services.gateway.tls import identity_files
from services.gateway.wiring import build_app
from services.http.draining import Draining, DrainingServer

KEEP_ALIVE_S = 75
"""More than the 60 s after which a load balancer closes an idle connection, so that it never meets a closed one."""
GRACEFUL_SHUTDOWN_S = 20
"""As long as a request may take."""


def build_server(app: FastAPI, settings: Settings, rotation: Rotation) -> DrainingServer:
    """`app` over TLS, and over nothing else."""
    gate = Draining(app)
    config = uvicorn.Config(
        gate,
        host="0.0.0.0",  # noqa: S104  # a pod's own address; the NetworkPolicy says who may reach it
        port=settings.port,
        ssl_context_factory=lambda *_: rotation.context,
        http=ClientCertificateProtocol,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACEFUL_SHUTDOWN_S,
    )
    return DrainingServer(config, gate=gate, drain_s=settings.drain_s)


def main() -> int:
    """Serve until told to stop; the exit code, 3 where the server could not start."""
    logs.configure()
    try:
        settings = load_settings()
        rotation = Rotation(identity_files(settings), ask_clients=settings.auth_callers_file is not None)
        server = build_server(build_app(settings, rotation), settings, rotation)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main())
