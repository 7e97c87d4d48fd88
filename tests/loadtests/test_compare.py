"""The comparison's arithmetic and its report."""

import pytest

from loadtests import compare
from loadtests.measure import SCRIPTS, LoadTestError, Run


def run(path: str, p50_ms: float) -> Run:
    return Run(
        path=path, requests=100, requests_per_s=1000 / p50_ms, p50_ms=p50_ms, p95_ms=2 * p50_ms, p99_ms=3 * p50_ms
    )


def test_every_path_is_measured_once_a_round_and_none_always_first() -> None:
    """The order turns, so that what a machine does over time does not favour one path."""
    order: list[str] = []

    def measure(path: str) -> Run:
        order.append(path)
        return run(path, 1)

    runs = compare.measure_all(3, measure)
    assert {path: len(measured) for path, measured in runs.items()} == dict.fromkeys(SCRIPTS, 3)
    assert order[::3] == list(SCRIPTS)


def test_reports_medians_and_ratios_to_fastapi() -> None:
    """One slow round does not move the figures; every run is kept."""
    runs = {
        "fastapi-svc": [run("fastapi-svc", value) for value in (10, 10, 500)],
        "triton": [run("triton", value) for value in (5, 5, 5)],
        "gateway": [run("gateway", value) for value in (20, 30, 25)],
    }
    made = compare.report(runs, profile="latency")
    paths = made["paths"]
    assert isinstance(paths, dict)
    assert paths["fastapi-svc"]["p50_ms"] == 10
    assert paths["triton"]["ratios"] == {"p50_ms": 0.5, "p95_ms": 0.5, "requests_per_s": 2.0}
    assert paths["gateway"]["ratios"]["p95_ms"] == 2.5
    assert len(paths["fastapi-svc"]["runs"]) == 3
    assert "| gateway | 25.0 | 2.50 | 50.0 | 2.50 | 40.0 | 0.40 |" in compare.markdown(made)


@pytest.mark.parametrize("printed", ["", "no json", "[]", "{}", '{"failed_thresholds": []}'])
def test_refuses_what_is_no_summary(printed: str) -> None:
    """One sentence."""
    with pytest.raises(LoadTestError, match="k6 printed no summary"):
        Run.parse(printed)
