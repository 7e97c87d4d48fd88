"""Collects spans as the gateway writes them."""

import io
import json
from typing import Any

from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Tracer

from services.gateway.telemetry import tracer
from services.gateway.telemetry.otlp import Lines, SpanLines


class Collected:
    """A tracer, and what it wrote."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.tracer: Tracer = tracer(SimpleSpanProcessor(SpanLines(Lines(self.stream))), {"service.name": "gateway"})

    def spans(self) -> list[dict[str, Any]]:
        """In the order in which they ended."""
        documents = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [
            span
            for document in documents
            for resource in document["resourceSpans"]
            for scope in resource["scopeSpans"]
            for span in scope["spans"]
        ]
