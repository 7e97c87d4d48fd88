"""OTLP in its JSON form, one request a line, each short enough (16 KiB) for a container's log to keep it whole.

There is no kept exporter for that: the SDK's own encoder makes the messages, protobuf's writes them as JSON, and the ids,
which OTLP alone wants in hexadecimal, are written here.
https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

import json
import threading
from base64 import b64decode
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

SPANS_A_LINE = 8
_IDS = ("traceId", "spanId", "parentSpanId")


class Lines:
    """Standard output, of which each line is written at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def write(self, message: Message) -> None:
        """One message as one line. It is lost where the stream can't be written: no request waits for that."""
        document = MessageToDict(message, use_integers_for_enums=True)
        for span in _spans(document):
            span |= {name: b64decode(span[name]).hex() for name in _IDS if name in span}
        line = json.dumps(document, separators=(",", ":")) + "\n"
        with self._lock:
            self._stream.write(line)
            self._stream.flush()


def _spans(document: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for resource in document.get("resourceSpans", ()):
        for scope in resource["scopeSpans"]:
            yield from scope["spans"]


class SpanLines(SpanExporter):
    """Writes spans; called by the SDK's background thread."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Write them all."""
        for some in (spans[start : start + SPANS_A_LINE] for start in range(0, len(spans), SPANS_A_LINE)):
            self._lines.write(encode_spans(some))
        return SpanExportResult.SUCCESS
