"""The end of a gateway's life: it says that it is about to stop while it still serves, and a load balancer turns away."""

import signal
from types import FrameType

import uvicorn
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from services.gateway.clock import Clock

HEALTH = "/healthz"
"""What a load balancer asks. A kubelet asks /livez: a pod that is not ready gets no request that is on its way.

Neither asks for Triton: without it the gateway still answers, 503 and when to come back, which no balancer would.
"""
_STOPPING = JSONResponse({"status": "stopping"}, 503)


class Draining:
    """ASGI wrapper around the application: HEALTH is /livez until it drains, and 503 from then on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the application's lifespan."""
        if scope["type"] == "http" and scope["path"] == HEALTH:
            if self.begun:
                await _STOPPING(scope, receive, send)
                return
            scope = {**scope, "path": "/livez", "raw_path": b"/livez"}
        await self._app(scope, receive, send)


class DrainingServer(uvicorn.Server):
    """Goes on serving for `drain_s` seconds after SIGTERM. A second signal, or Ctrl-C, ends that time at once."""

    def __init__(self, config: uvicorn.Config, *, gate: Draining, drain_s: float, clock: Clock) -> None:
        super().__init__(config)
        self._gate = gate
        self._drain_s = drain_s
        self._clock = clock
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called for each signal."""
        if sig == signal.SIGTERM and not self._gate.begun:
            self._gate.begun = True
            self._stop_at = self._clock.monotonic() + self._drain_s
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second; True ends the service."""
        if self._stop_at is not None and self._clock.monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)
