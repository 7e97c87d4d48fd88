"""`python -m services.fastapi_svc`: load the model, then serve it until SIGTERM."""

import logging
import sys
from contextlib import suppress

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError

from services.fastapi_svc.app import create_app
from services.fastapi_svc.classifier import ModelError, load
from services.fastapi_svc.protocol import LeavingNoticed
from services.fastapi_svc.settings import Settings
from services.http.draining import Draining, DrainingServer


def build_server(app: FastAPI, settings: Settings) -> DrainingServer:
    """`app` in clear, for who is let to the pod's port."""
    gate = Draining(app)
    config = uvicorn.Config(
        gate,
        host=settings.host,
        port=settings.port,
        http=LeavingNoticed,
        ws="none",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        log_config=None,
    )
    return DrainingServer(config, gate=gate, drain_s=settings.drain_s)


def main() -> int:
    """Serve until SIGTERM ends it, after requests under way.

    Its exit code is 1 for a bad model, 2 for a bad setting (one sentence), 3 where the server could not start.
    """
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        settings = Settings()
    except ValidationError as error:
        names = ", ".join(sorted({f"FASTAPI_SVC_{part['loc'][0]}".upper() for part in error.errors()}))
        sys.stderr.write(f"Bad settings: correct {names} (see services/fastapi_svc/settings.py).\n")
        return 2
    try:
        classifier = load(settings.model_dir, threads=settings.threads, one_run=not settings.micro_batching)
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    server = build_server(create_app(classifier=classifier, policy=settings.policy), settings)
    with suppress(KeyboardInterrupt):
        server.run()
    return 0 if server.started else 3


if __name__ == "__main__":
    sys.exit(main())
