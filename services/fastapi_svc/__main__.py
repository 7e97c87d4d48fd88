"""`python -m services.fastapi_svc`: load the model, then serve it until SIGTERM."""

import logging
import sys

import uvicorn
from pydantic import ValidationError

from services.fastapi_svc.app import create_app
from services.fastapi_svc.classifier import ModelError, load
from services.fastapi_svc.settings import Settings


def main() -> int:
    """Serve until SIGTERM ends it, after requests under way; 1 for a bad model, 2 for a bad setting (one sentence)."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    try:
        settings = Settings()
    except ValidationError as error:
        names = ", ".join(sorted({f"FASTAPI_SVC_{part['loc'][0]}".upper() for part in error.errors()}))
        sys.stderr.write(f"Bad settings: correct {names} (see services/fastapi_svc/settings.py).\n")
        return 2
    try:
        classifier = load(settings.model_dir, threads=settings.threads)
    except ModelError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    uvicorn.run(
        create_app(classifier=classifier, concurrency=settings.concurrency),
        host=settings.host,
        port=settings.port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=10,
        log_config=None,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
