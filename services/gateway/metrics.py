"""The gateway's own Prometheus metrics. Every label takes its values from a fixed set."""

from collections.abc import Callable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge

from services.gateway.telemetry.stages import STAGES, Stage
from services.http.histogram import Histogram

_BUCKETS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What happens within a request; requests and problems themselves are counted by `services.http.metrics`.

    Also when the certificate in use ends, for an alarm that has to come before, whether the audit trail can be written,
    and by which policy texts are de-identified.
    """

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        certificate_end: Callable[[], datetime],
        audit_ready: Callable[[], bool],
        policy_version: str,
    ) -> None:
        stages = Histogram(
            "gateway_stage_duration_seconds",
            "Time spent in each stage of a request",
            label="stage",
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self.observe: Mapping[Stage, Callable[[float], None]] = {each: stages.observer(each) for each in STAGES}
        """Counts a stage's duration in seconds."""
        self._entities = Counter(
            "gateway_deidentified_entities", "Identifiers taken out, by type", ["type"], registry=registry
        )
        Gauge(
            "gateway_tls_certificate_not_after_timestamp_seconds",
            "End of the certificate in use towards clients and Triton, as Unix time",
            registry=registry,
        ).set_function(lambda: certificate_end().timestamp())
        Gauge(
            "gateway_audit_writable",
            "1 while the audit trail can be written, without which nothing is answered",
            registry=registry,
        ).set_function(lambda: float(audit_ready()))
        Gauge("gateway_deidentification_policy_info", "1 for the policy in use", ["version"], registry=registry).labels(
            policy_version
        ).set(1)

    def entities(self, counts: Mapping[str, int]) -> None:
        """Count identifiers that were taken out."""
        for kind, count in counts.items():
            self._entities.labels(kind).inc(count)
