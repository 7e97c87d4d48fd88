"""Prometheus metrics of HTTP requests, with labels that a client cannot multiply."""

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import Scope

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
            ["route"],
            registry=registry,
            buckets=_BUCKETS_S,
        )

    def observe(self, scope: Scope, *, status: int, seconds: float) -> None:
        """Count one answered request; `scope` is the one that the router completed."""
        template = route(scope)
        self._requests.labels(template, method_label(scope), str(status)).inc()
        self._duration.labels(template).observe(seconds)
        if name := problem(scope):
            self._problems.labels(name).inc()
