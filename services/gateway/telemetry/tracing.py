"""Traces: one span for a sampled request and one within it for each of its stages."""

import random
import time
from collections.abc import Callable, Mapping

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    format_span_id,
    format_trace_id,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.gateway.telemetry.stages import Stage, Stages
from services.http.metrics import method_label
from services.http.scope import request_id, route

TRACEPARENT = "traceparent"
"""Key in a request's state of what Triton is told, which belongs to the same trace; absent where there is none."""
_PROPAGATOR = TraceContextTextMapPropagator()


def tracer(processor: SpanProcessor, attributes: Mapping[str, str]) -> Tracer:
    """Gives ended spans to `processor`; `attributes` say who traces. Nothing of it is read from the environment."""
    provider = TracerProvider(sampler=ALWAYS_ON, resource=Resource(attributes), shutdown_on_exit=False)
    provider.add_span_processor(processor)
    return provider.get_tracer("services.gateway")


class Tracing:
    """ASGI middleware within `RequestMiddleware`. Leaves `stages` in a request's state, and `trace_id` where there is one.

    A caller's decision to sample is followed, but not that of one who turns out to be nobody known: who may make the
    gateway write is not for them to say. Of the others the share `ratio` is sampled. What is not sampled costs a look for
    the header.
    """

    def __init__(
        self, app: ASGIApp, *, tracer: Tracer, ratio: float, observe: Mapping[Stage, Callable[[float], None]]
    ) -> None:
        self._app, self._tracer, self._ratio, self._observe = app, tracer, ratio, observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stages = scope["state"]["stages"] = Stages(self._observe)
        parent = _parent(scope)
        if parent:
            scope["state"]["trace_id"] = format_trace_id(parent.trace_id)
            scope["state"][TRACEPARENT] = _traceparent(parent, sampled=False)
        if parent.trace_flags.sampled if parent else random.random() < self._ratio:  # noqa: S311  # no secret
            await self._traced(scope, receive, send, parent=parent, stages=stages)
        else:
            await self._app(scope, receive, send)

    async def _traced(
        self, scope: Scope, receive: Receive, send: Send, *, parent: SpanContext | None, stages: Stages
    ) -> None:
        within = set_span_in_context(NonRecordingSpan(parent), Context()) if parent else Context()
        behind = time.time_ns() - time.perf_counter_ns()
        span = self._tracer.start_span(method_label(scope), within, SpanKind.SERVER)
        scope["state"]["trace_id"] = format_trace_id(span.get_span_context().trace_id)
        scope["state"][TRACEPARENT] = _traceparent(span.get_span_context(), sampled=True)
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            if parent is None or scope["state"]["record"].subject is not None:
                self._end(span, scope, stages, status=status, behind=behind)

    def _end(self, span: Span, scope: Scope, stages: Stages, *, status: int, behind: int) -> None:
        within = set_span_in_context(span, Context())
        for timing in stages.timings:
            stage = self._tracer.start_span(timing.stage, within, start_time=timing.began + behind)
            if timing.failed:
                stage.set_status(Status(StatusCode.ERROR))
            stage.end(timing.ended + behind)
        span.update_name(f"{method_label(scope)} {route(scope)}")
        span.set_attributes(
            {
                "http.request.method": method_label(scope),
                "http.route": route(scope),
                "http.response.status_code": status,
                "inference.outcome": scope["state"].get("problem", "answered"),
                "inference.request_id": request_id(scope),
            }
        )
        if status >= 500:
            span.set_status(Status(StatusCode.ERROR))
        span.end()


def _traceparent(span: SpanContext, *, sampled: bool) -> str:
    """https://www.w3.org/TR/trace-context/#traceparent-header; nothing but ids, and whether there is a span to belong to."""
    return f"00-{format_trace_id(span.trace_id)}-{format_span_id(span.span_id)}-{sampled:02x}"


def _parent(scope: Scope) -> SpanContext | None:
    """The caller's span, by ids alone; None where none is named, or more than one, or in another way than W3C's."""
    given = [value for name, value in scope["headers"] if name == b"traceparent"]
    if len(given) != 1:
        return None
    carrier = {"traceparent": given[0].decode("latin-1")}
    found = get_current_span(_PROPAGATOR.extract(carrier, Context())).get_span_context()
    return found if found.is_valid else None
