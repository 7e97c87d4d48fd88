"""Prometheus metrics of the limits, read from their state when they are asked for: a request pays nothing for them."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.gateway.limits.admission import Limits
from services.gateway.limits.guarded import GuardedTriton

_STATES = ("closed", "half-open", "open")


class LimitsCollector(Collector):
    """`registry.register` it."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def collect(self) -> Iterator[Metric]:
        """Called for every scrape."""
        limits = self._limits
        refused = CounterMetricFamily(
            "gateway_caller_limit_refusals", "Requests beyond a caller's limit, by limit", labels=["limit"]
        )
        for reason, count in limits.refused.items():
            refused.add_metric([reason], count)
        yield refused
        yield GaugeMetricFamily("gateway_limited_callers", "Callers whose use is remembered", limits.callers)
        yield GaugeMetricFamily("gateway_replicas", "Gateways among which limits are divided", limits.replicas)


class TritonCollector(Collector):
    """`registry.register` it."""

    def __init__(self, triton: GuardedTriton) -> None:
        self._triton = triton

    def collect(self) -> Iterator[Metric]:
        """Called for every scrape."""
        breaker, shedding = self._triton.breaker, self._triton.shedding
        state = GaugeMetricFamily("gateway_triton_breaker_state", "1 for the state that it is in", labels=["state"])
        for each in _STATES:
            state.add_metric([each], each == breaker.state)
        yield state
        yield CounterMetricFamily("gateway_triton_breaker_openings", "Times it opened", breaker.opened)
        yield CounterMetricFamily("gateway_shed", "Requests refused because Triton is busy", shedding.refused)
        texts = GaugeMetricFamily("gateway_triton_texts", "Texts under way to Triton, and before it", labels=["where"])
        texts.add_metric(["asked"], shedding.under_way)
        texts.add_metric(["waiting"], shedding.waiting)
        yield texts
        yield GaugeMetricFamily("gateway_triton_texts_limit", "Texts that may be under way", shedding.limit.texts)
