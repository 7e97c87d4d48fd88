"""The end of a service's life: it says that it is about to stop while it still serves, and callers turn away."""

import signal
import time
from collections.abc import Callable
from types import FrameType

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEALTH = "/healthz"
"""What a load balancer asks. A kubelet asks /livez: a pod that is not ready gets no request that is on its way.

Neither asks for the gateway's Triton: without it the gateway still answers, 503 and when to come back, which no
balancer would.
"""
_STOPPING = JSONResponse({"status": "stopping"}, 503)


class Draining:
    """ASGI wrapper around the application: HEALTH is /livez until it drains, and 503 from then on.

    Every answer that begins while it drains ends its connection, so that a caller who keeps one makes the next
    elsewhere, and none is left with a request on its way when the process stops.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.begun = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or the application's lifespan."""

        async def send_last(message: Message) -> None:
            if self.begun and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"  # uvicorn closes it after the answer
            await send(message)

        if scope["type"] == "http" and scope["path"] == HEALTH:
            if self.begun:
                await _STOPPING(scope, receive, send_last)
                return
            scope = {**scope, "path": "/livez", "raw_path": b"/livez"}
        await self._app(scope, receive, send_last)


class DrainingServer(uvicorn.Server):
    """Goes on serving for `drain_s` seconds after SIGTERM. A second signal, or Ctrl-C, ends that time at once."""

    def __init__(
        self,
        config: uvicorn.Config,
        *,
        gate: Draining,
        drain_s: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(config)
        self._gate = gate
        self._drain_s = drain_s
        self._monotonic = monotonic
        self._stop_at: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Called for each signal."""
        if sig == signal.SIGTERM and not self._gate.begun:
            self._gate.begun = True
            self._stop_at = self._monotonic() + self._drain_s
        else:
            super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second; True ends the service."""
        if self._stop_at is not None and self._monotonic() >= self._stop_at:
            self.should_exit = True
        return await super().on_tick(counter)
