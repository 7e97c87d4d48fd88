"""The Prometheus metrics as OTLP, for collectors that do not scrape."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from opentelemetry.exporter.otlp.proto.common.metrics_encoder import encode_metrics
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric as Family
from prometheus_client.samples import Sample

from services.gateway.telemetry.otlp import Lines

_CUMULATIVE = AggregationTemporality.CUMULATIVE
_SCOPE = InstrumentationScope("services.gateway")
_Labels = tuple[tuple[str, str], ...]


class MetricLines:
    """Writes every metric of a registry, one a line."""

    def __init__(self, lines: Lines, attributes: Mapping[str, str]) -> None:
        self._lines, self._resource, self._began = lines, Resource(attributes), time.time_ns()

    async def run(self, registry: CollectorRegistry, *, interval_s: float) -> None:
        """Write them for ever, off the event loop."""
        while True:
            await asyncio.sleep(interval_s)
            await asyncio.to_thread(self.write, registry)

    def write(self, registry: CollectorRegistry) -> None:
        """Write them once."""
        for family in registry.collect():
            if metric := self._metric(family):
                scope = ScopeMetrics(_SCOPE, [metric], "")
                message = encode_metrics(MetricsData([ResourceMetrics(self._resource, [scope], "")]))
                for point in message.resource_metrics[0].scope_metrics[0].metrics[0].histogram.data_points:
                    point.ClearField("min")  # which Prometheus does not know
                    point.ClearField("max")
                self._lines.write(message)

    def _metric(self, family: Family) -> Metric | None:
        samples = [each for each in family.samples if not each.name.endswith("_created")]
        if not samples:
            return None
        unit = "s" if family.name.endswith("_seconds") else "1"
        return Metric(family.name, family.documentation, unit, self._data(family.type, samples))

    def _data(self, kind: str, samples: Sequence[Sample]) -> Sum | Gauge | Histogram:
        now = time.time_ns()
        if kind == "histogram":
            points = [self._histogram(labels, each, now) for labels, each in _by_labels(samples).items()]
            return Histogram(points, _CUMULATIVE)
        numbers = [NumberDataPoint(dict(each.labels), self._began, now, each.value) for each in samples]
        return Sum(numbers, _CUMULATIVE, is_monotonic=True) if kind == "counter" else Gauge(numbers)

    def _histogram(self, labels: _Labels, samples: Iterable[Sample], now: int) -> HistogramDataPoint:
        buckets = sorted((float(each.labels["le"]), int(each.value)) for each in samples if "le" in each.labels)
        counts = [
            count - before for (_, count), before in zip(buckets, [0, *(count for _, count in buckets)], strict=False)
        ]
        total = next(each.value for each in samples if each.name.endswith("_sum"))
        bounds = [bound for bound, _ in buckets[:-1]]
        return HistogramDataPoint(dict(labels), self._began, now, buckets[-1][1], total, counts, bounds, min=0, max=0)


def _by_labels(samples: Iterable[Sample]) -> Mapping[_Labels, list[Sample]]:
    found: dict[_Labels, list[Sample]] = defaultdict(list)
    for each in samples:
        found[tuple(sorted((name, value) for name, value in each.labels.items() if name != "le"))].append(each)
    return found
