"""OpenTelemetry without text and without a network path: OTLP as JSON lines on standard output, for the node's log agent.

Attributes take their values from fixed sets, or are the request's own random id. Of what a caller sends only the ids of
`traceparent` are taken up; `tracestate` and `baggage`, which may hold anything, are not even read. No provider is set
globally, so that no library's instrumentation finds one.
"""

from services.gateway.telemetry.stages import Stage, Stages
from services.gateway.telemetry.tracing import TRACEPARENT, Tracing, tracer

__all__ = ["TRACEPARENT", "Stage", "Stages", "Tracing", "tracer"]
