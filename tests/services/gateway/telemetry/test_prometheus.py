"""The Prometheus metrics as OTLP."""

import io
import json
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from services.gateway.telemetry.otlp import Lines
from services.gateway.telemetry.prometheus import MetricLines


@pytest.fixture
def written() -> dict[str, dict[str, Any]]:
    """What is written of a registry with one metric of each kind, by name."""
    registry = CollectorRegistry()
    counter = Counter("problems", "Problems", ["name"], registry=registry)
    counter.labels("not_found").inc(3)
    Gauge("ready", "Ready", registry=registry).set(1)
    durations = Histogram("wait_seconds", "Wait", ["stage"], buckets=(0.1, 1.0), registry=registry)
    for seconds in (0.05, 0.5, 0.6, 9.0):
        durations.labels("auth").observe(seconds)
    stream = io.StringIO()
    MetricLines(Lines(stream), {"service.name": "gateway"}).write(registry)
    found = {}
    for line in stream.getvalue().splitlines():
        [resource] = json.loads(line)["resourceMetrics"]
        [metric] = resource["scopeMetrics"][0]["metrics"]
        found[metric["name"]] = metric
    return found


def test_a_counter_is_a_growing_sum(written: Any) -> None:
    """Cumulative, with its labels."""
    metric = written["problems"]["sum"]
    [point] = metric["dataPoints"]
    assert (metric["isMonotonic"], metric["aggregationTemporality"]) == (True, 2)
    assert point["asDouble"] == 3
    assert point["attributes"] == [{"key": "name", "value": {"stringValue": "not_found"}}]


def test_a_gauge_is_a_gauge(written: Any) -> None:
    """With the value that it has."""
    assert written["ready"]["gauge"]["dataPoints"][0]["asDouble"] == 1


def test_a_histogram_keeps_its_buckets(written: Any) -> None:
    """Each with its own count, as OTLP has them, and the last without a bound."""
    [point] = written["wait_seconds"]["histogram"]["dataPoints"]
    assert point["bucketCounts"] == ["1", "2", "1"]
    assert point["explicitBounds"] == [0.1, 1.0]
    assert (point["count"], point["sum"]) == ("4", pytest.approx(10.15))
    assert not {"min", "max"} & set(point)
    assert written["wait_seconds"]["unit"] == "s"
