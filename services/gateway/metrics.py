"""The gateway's own Prometheus metrics. Every label takes its values from a fixed set."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from time import perf_counter
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

Stage = Literal["auth", "deidentify", "triton"]
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What happens within a request; requests themselves are counted by `services.http.metrics`.

    Also when the certificate in use ends, for an alarm that has to come before.
    """

    def __init__(self, registry: CollectorRegistry, *, certificate_end: Callable[[], datetime]) -> None:
        self._stages = Histogram(
            "gateway_stage_duration_seconds",
            "Time spent in each stage of a request",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._entities = Counter(
            "gateway_deidentified_entities", "Identifiers taken out, by type", ["type"], registry=registry
        )
        Gauge(
            "gateway_tls_certificate_not_after_timestamp_seconds",
            "End of the certificate in use towards clients and Triton, as Unix time",
            registry=registry,
        ).set_function(lambda: certificate_end().timestamp())

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
