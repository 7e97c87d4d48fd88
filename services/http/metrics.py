"""Prometheus metrics of HTTP requests, with labels that a client cannot multiply."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter
from starlette.types import Scope

from services.http.histogram import Histogram
from services.http.scope import problem, route

_METHODS = frozenset({"GET", "HEAD", "POST"})
_BUCKETS_S = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


def method_label(scope: Scope) -> str:
    """The request's method, or OTHER: a client can make methods up."""
    return str(scope["method"]) if scope["method"] in _METHODS else "OTHER"


class HttpMetrics:
    """Requests by route, method and status, their duration, and problems by name.

    Paths without a route count as `unmatched`.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            "http_requests_total", "HTTP requests answered.", ["route", "method", "status"], registry=registry
        )
        self._problems = Counter(
            "http_problems_total", "Requests answered with a problem, by its name.", ["name"], registry=registry
        )
        self._duration = Histogram(
            "http_request_duration_seconds",
            "Time to answer an HTTP request.",
            label="route",
            buckets=_BUCKETS_S,
            registry=registry,
        )
        self._counted: dict[tuple[str, str, int], Callable[[], None]] = {}

    def observe(self, scope: Scope, *, status: int, seconds: float) -> None:
        """Count one answered request; `scope` is the one that the router completed."""
        template, method = route(scope), method_label(scope)
        count = self._counted.get((template, method, status))
        if count is None:
            child = self._requests.labels(template, method, str(status))
            count = self._counted[template, method, status] = child.inc
        count()
        self._duration.observer(template)(seconds)
        if name := problem(scope):
            self._problems.labels(name).inc()
