"""What the benchmark of the gateway makes of its figures."""

from starlette.testclient import TestClient

from loadtests.bench.figures import Raw, report, stages
from tests.services.gateway.harness import Harness, bearer


def test_stages_are_read_from_the_gateways_metrics(harness: Harness) -> None:
    """Each with its requests, and all of them together."""
    with TestClient(harness.app()) as client:
        for _ in range(3):
            client.post("/v1/classify", json={"text": "Good."}, headers=bearer())
        found = stages(client.get("/metrics").text)
    assert {name: count for name, (_, count) in found.items()} == dict.fromkeys(
        ("auth", "limits", "body", "deidentify", "triton", "audit", "all"), 3
    )
    assert found["all"][0] > sum(total for name, (total, _) in found.items() if name != "all")


def test_the_report_has_both_ratios() -> None:
    """Of the medians, and what is left of a request's time after the stages that are known."""
    raw = Raw(
        one_client_s={"triton": [0.004, 0.005, 0.006], "gateway": [0.005, 0.006, 0.007]},
        saturated_per_s={"triton": [200.0, 100.0], "gateway": [135.0, 135.0]},
        stages={"triton": (0.015, 3), "all": (0.0165, 3)},
    )
    for path, used in (("triton", 0.4), ("gateway", 0.5)):
        raw.add_cpu(path, {"Triton": used}, 2.0)
    text = report(raw, clients=8)
    assert "| **ratio** | **1.20** | 1.15 | **0.90** |" in text
    assert "| Triton | 2.00 | 1.85 |" in text
    assert "| the application's rest | 0.500 |" in text
    assert "| TLS, HTTP and the caller | 0.500 |" in text


def test_the_report_has_the_ratio_by_length() -> None:
    """Of the texts in the order in which they are asked for, over and over."""
    raw = Raw(
        one_client_s={"triton": [0.004, 0.010] * 2, "gateway": [0.006, 0.012] * 2},
        saturated_per_s={"triton": [1.0], "gateway": [1.0]},
        stages={"all": (0.0165, 3)},
        characters=[99, 800],
    )
    text = report(raw, clients=8)
    assert "| 0 to 99 | 1 | 4.00 | 6.00 | 1.50 |\n| 800 and more | 1 | 10.00 | 12.00 | 1.20 |\n" in text
