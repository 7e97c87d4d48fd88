"""Prometheus metrics. Every label takes its values from a fixed set."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

Stage = Literal["auth", "deidentify", "triton"]
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The gateway's metrics in a registry of their own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "gateway_requests", "Requests by route template and status", ["route", "status"], registry=self._registry
        )
        self._stages = Histogram(
            "gateway_stage_duration_seconds",
            "Time spent in each stage of a request",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._entities = Counter(
            "gateway_deidentified_entities", "Identifiers taken out, by type", ["type"], registry=self._registry
        )

    def request(self, route: str, *, status: int) -> None:
        """Count one request; `route` is a route template or `unmatched`."""
        self._requests.labels(route, str(status)).inc()

    def entities(self, counts: Mapping[str, int]) -> None:
        """Count identifiers that were taken out."""
        for kind, count in counts.items():
            self._entities.labels(kind).inc(count)

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """Time the block, whether or not it succeeds."""
        started = perf_counter()
        try:
            yield
        finally:
            self._stages.labels(stage).observe(perf_counter() - started)

    def exposition(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self._registry)
