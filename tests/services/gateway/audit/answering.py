"""A gateway without its work: answers over HTTP what is on record by then, until it is killed."""

import sys
from pathlib import Path

import uvicorn
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from services.gateway.audit.log import AuditLog, Origin
from services.gateway.audit.writer import Volume
from services.gateway.clock import SystemClock
from services.gateway.recording import Recording
from services.http.metrics import HttpMetrics
from services.http.middleware import RequestMiddleware


async def answer(_: Request) -> PlainTextResponse:
    return PlainTextResponse("an answer")


def main(folder: Path, descriptor: int) -> None:
    clock = SystemClock()
    log = AuditLog(Volume(folder, 10**9, segment_bytes=20_000), Origin("gateway-0", "v", "p"), clock=clock)
    middleware = [
        Middleware(RequestMiddleware, metrics=HttpMetrics(CollectorRegistry())),
        Middleware(Recording, audit=log, clock=clock),
    ]
    app = Starlette(routes=[Route("/v1/classify", answer)], middleware=middleware)
    uvicorn.run(app, fd=descriptor, log_level="error", lifespan="off")


main(Path(sys.argv[1]), int(sys.argv[2]))
