"""The other two paths, and that all three agree."""

from typing import Any

import httpx
import pytest
import tritonclient.grpc as triton

from tests.e2e.conftest import local

pytestmark = pytest.mark.e2e

TEXTS = ["The staff were kind and quick.", "The worst visit of my life.", "Parking was easy and the food was good."]


def test_fastapi_and_the_gateway_give_the_same_predictions(gateway: httpx.Client, fastapi_svc: httpx.Client) -> None:
    """The same model bytes answer on both paths: labels are equal and scores differ by no more than batching does."""
    through_triton = gateway.post("/v1/classify", json={"texts": TEXTS}).json()
    in_process = fastapi_svc.post("/v1/classify", json={"texts": TEXTS}).json()
    assert through_triton["model"] == in_process["model"]
    for left, right in zip(through_triton["predictions"], in_process["predictions"], strict=True):
        assert left["label"] == right["label"]
        assert left["score"] == pytest.approx(right["score"], abs=0.02)


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_both_services_answer_their_probes(gateway: httpx.Client, fastapi_svc: httpx.Client, path: str) -> None:
    """Live, ready and measured, without a token."""
    assert gateway.get(path).status_code == 200
    assert fastapi_svc.get(path).status_code == 200


def test_triton_answers_over_grpc_and_http(outputs: dict[str, Any]) -> None:
    """Both of Triton's own protocols lead to the model `sentiment`."""
    with triton.InferenceServerClient(outputs["triton_grpc_url"]) as client:
        assert client.is_model_ready("sentiment")
    assert httpx.get(f"{outputs['triton_http_url']}/v2/models/sentiment/ready").status_code == 200


def test_triton_loads_no_model_that_a_caller_names(outputs: dict[str, Any]) -> None:
    """Model control mode `none`: the repository API can't change what is served."""
    with (
        triton.InferenceServerClient(outputs["triton_grpc_url"]) as client,
        pytest.raises(Exception, match=r"(?i)restricted|not allowed|unavailable"),
    ):
        client.unload_model("sentiment")


def test_k6_compares_the_three_paths_without_an_error() -> None:
    """Every path answers k6's payloads within the thresholds of the profile `smoke`, in one run."""
    said = local("loadtest", "--profile", "smoke", "--rounds", "1")
    assert all(f"| {path} |" in said for path in ("fastapi-svc", "triton", "gateway"))
