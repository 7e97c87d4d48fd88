"""`python -m services.gateway`: serve on every address of the pod. Exit code 2 when a setting is wrong."""

import sys

import uvicorn
from fastapi import FastAPI

from services.gateway import logs
from services.gateway.app import Dependencies, create_app
from services.gateway.audit import StreamAuditSink
from services.gateway.auth import JwtVerifier
from services.gateway.clock import SystemClock
from services.gateway.deidentify import POLICY_VERSION
from services.gateway.deidentify.pool import DeidentifierPool
from services.gateway.deidentify.presidio import PresidioEngine
from services.gateway.settings import Settings, SettingsError, load_settings
from services.gateway.triton_client import GrpcTritonClient


def build_app(settings: Settings) -> FastAPI:
    """The gateway on its real dependencies; SettingsError when the key set can't be used."""
    clock = SystemClock()
    dependencies = Dependencies(
        verifier=JwtVerifier.from_settings(settings),
        deidentifier=DeidentifierPool(PresidioEngine, threads=settings.deidentify_threads, clock=clock),
        make_triton=lambda: GrpcTritonClient(settings.triton_url, model=settings.triton_model, clock=clock),
        audit=StreamAuditSink(sys.stdout, clock=clock, deid_policy=POLICY_VERSION),
        clock=clock,
    )
    return create_app(
        dependencies, model_name=settings.triton_model, timeout_s=settings.request_timeout_s, docs=settings.docs
    )


def main() -> int:
    """Serve until told to stop; the exit code."""
    logs.configure()
    try:
        settings = load_settings()
        app = build_app(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104  # a pod's own address; the NetworkPolicy says who may reach it
        port=settings.port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_config=None,
        ws="none",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=20,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
