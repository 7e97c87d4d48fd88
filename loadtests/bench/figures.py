"""What was measured, and the tables that it comes to."""

import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import compress, cycle, pairwise
from math import inf

from prometheus_client.parser import text_string_to_metric_families

Stages = Mapping[str, tuple[float, float]]
"""Seconds and requests of each stage, and of `all`."""
_FAMILIES = {"gateway_stage_duration_seconds": "stage", "http_request_duration_seconds": "route"}
_ROUTE = "/v1/classify"
_LENGTHS = (0, 100, 200, 400, 800, inf)


@dataclass
class Raw:
    """Everything that was measured, by path; seconds, and requests a second. `stages`: seconds and requests."""

    one_client_s: dict[str, list[float]] = field(default_factory=lambda: {"triton": [], "gateway": []})
    saturated_per_s: dict[str, list[float]] = field(default_factory=lambda: {"triton": [], "gateway": []})
    stages: dict[str, tuple[float, float]] = field(default_factory=dict)
    cpu_s: dict[str, dict[str, float]] = field(default_factory=dict)
    requests: dict[str, float] = field(default_factory=dict)
    characters: list[int] = field(default_factory=list)
    """Of the texts of one client, which asks for the next one in this order and begins again behind the last."""

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
        "| characters of the text | texts | triton p50 ms | gateway p50 ms | ratio |",
        "|---|--:|--:|--:|--:|",
        *_by_length(raw),
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


def _by_length(raw: Raw) -> Iterator[str]:
    for low, high in pairwise(_LENGTHS):
        of_this = [low <= each < high for each in raw.characters]
        if any(of_this):
            p50 = {
                name: statistics.median(compress(each, cycle(of_this))) * 1000
                for name, each in raw.one_client_s.items()
            }
            limits = f"{low} to {high - 1:.0f}" if high < inf else f"{low} and more"
            yield (
                f"| {limits} | {sum(of_this)} | {p50['triton']:.2f} | {p50['gateway']:.2f} "
                f"| {p50['gateway'] / p50['triton']:.2f} |"
            )


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
