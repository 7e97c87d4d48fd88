"""What was measured, and the tables that it comes to."""

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field

from prometheus_client.parser import text_string_to_metric_families

Stages = Mapping[str, tuple[float, float]]
"""Seconds and requests of each stage, and of `all`."""
_FAMILIES = {"gateway_stage_duration_seconds": "stage", "http_request_duration_seconds": "route"}
_ROUTE = "/v1/classify"


@dataclass
class Raw:
    """Everything that was measured, by path; seconds, and requests a second. `stages`: seconds and requests."""

    one_client_s: dict[str, list[float]] = field(default_factory=lambda: {"triton": [], "gateway": []})
    saturated_per_s: dict[str, list[float]] = field(default_factory=lambda: {"triton": [], "gateway": []})
    stages: dict[str, tuple[float, float]] = field(default_factory=dict)
    cpu_s: dict[str, dict[str, float]] = field(default_factory=dict)
    requests: dict[str, float] = field(default_factory=dict)

    def add_cpu(self, path: str, used: Mapping[str, float], seconds: float) -> None:
        """What the processes used in the last round at saturation."""
        known = self.cpu_s.setdefault(path, dict.fromkeys(used, 0.0))
        self.cpu_s[path] = {name: known[name] + more for name, more in used.items()}
        self.requests[path] = self.requests.get(path, 0.0) + self.saturated_per_s[path][-1] * seconds


def stages(exposition: str) -> Stages:
    """What the stages took so far, as the gateway's own metrics say."""
    found: dict[str, dict[str, float]] = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            label = sample.labels.get(_FAMILIES.get(family.name, ""))
            if label is None or "le" in sample.labels or (family.name.startswith("http") and label != _ROUTE):
                continue
            found.setdefault("all" if label == _ROUTE else label, {})[sample.name.rpartition("_")[2]] = sample.value
    return {name: (values["sum"], values["count"]) for name, values in found.items()}


def report(raw: Raw, *, clients: int) -> str:
    """Tables in Markdown."""
    p50 = {name: statistics.median(each) * 1000 for name, each in raw.one_client_s.items()}
    p95 = {name: statistics.quantiles(each, n=20)[18] * 1000 for name, each in raw.one_client_s.items()}
    most = {name: statistics.median(each) for name, each in raw.saturated_per_s.items()}
    rows = [
        f"| path | p50 ms | p95 ms | requests/s, {clients} clients |",
        "|---|--:|--:|--:|",
        *(f"| {name} | {p50[name]:.2f} | {p95[name]:.2f} | {most[name]:.0f} |" for name in ("triton", "gateway")),
        f"| **ratio** | **{p50['gateway'] / p50['triton']:.2f}** | {p95['gateway'] / p95['triton']:.2f} "
        f"| **{most['gateway'] / most['triton']:.2f}** |",
        "",
        "| stage of a request, one client | mean ms |",
        "|---|--:|",
        *(f"| {name} | {ms:.3f} |" for name, ms in _means(raw).items()),
        "",
        "| processor time of a request at saturation, ms | straight | through the gateway |",
        "|---|--:|--:|",
        *(f"| {name} | {_cpu_ms(raw, 'triton', name)} | {_cpu_ms(raw, 'gateway', name)} |" for name in _users(raw)),
    ]
    return "\n".join(rows)


def _users(raw: Raw) -> list[str]:
    return list(raw.cpu_s.get("gateway", ()))


def _cpu_ms(raw: Raw, path: str, name: str) -> str:
    return f"{raw.cpu_s[path][name] / raw.requests[path] * 1000:.2f}"


def _means(raw: Raw) -> Mapping[str, float]:
    """Milliseconds of each stage; of the rest within the application, and of what is around it."""
    means = {name: total / count * 1000 for name, (total, count) in raw.stages.items() if count}
    whole = means.pop("all")
    seen = statistics.fmean(raw.one_client_s["gateway"]) * 1000
    return {**means, "the application's rest": whole - sum(means.values()), "TLS, HTTP and the caller": seen - whole}
