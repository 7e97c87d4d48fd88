"""The other two paths, and that all three agree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import httpx
import pytest
import tritonclient.grpc as triton
from tritonclient.utils import InferenceServerException

from tests.e2e import certificates
from tests.e2e.api import Api
from tests.e2e.conftest import Kubectl, local

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


@pytest.fixture
def triton_as_gateway(api: Api, outputs: dict[str, Any]) -> Iterator[triton.InferenceServerClient]:
    """Triton's gRPC with the gateway's certificate, the only one that is let in."""
    data = certificates.data(api, "gateway", "gateway-tls")
    credentials = grpc.ssl_channel_credentials(data["ca.crt"], data["tls.key"], data["tls.crt"])
    name = [("grpc.ssl_target_name_override", "triton.inference.svc.cluster.local")]
    with triton.InferenceServerClient(outputs["triton_grpc_url"], creds=credentials, channel_args=name) as client:
        yield client


def test_triton_answers_over_grpc_and_http(
    triton_as_gateway: triton.InferenceServerClient, outputs: dict[str, Any]
) -> None:
    """Both of Triton's own protocols lead to the model `sentiment`."""
    assert triton_as_gateway.is_model_ready("sentiment")
    assert httpx.get(f"{outputs['triton_http_url']}/v2/models/sentiment/ready").status_code == 200


def test_triton_loads_no_model_that_a_caller_names(
    triton_as_gateway: triton.InferenceServerClient, outputs: dict[str, Any]
) -> None:
    """By gRPC the proxy refuses to ask, by HTTP Triton refuses to do it: what is served cannot be changed."""
    with pytest.raises(InferenceServerException, match="PERMISSION_DENIED"):
        triton_as_gateway.unload_model("sentiment")
    answer = httpx.post(f"{outputs['triton_http_url']}/v2/repository/models/sentiment/unload", json={})
    assert answer.status_code == 403
    assert triton_as_gateway.is_model_ready("sentiment")


def test_k6_compares_the_three_paths_without_an_error(tmp_path: Path) -> None:
    """Every path answers k6's payloads within the thresholds of the profile `smoke`, in one run."""
    said = local("loadtest", "--profile", "smoke", "--rounds", "1", "--output", str(tmp_path))
    assert all(f"| {path} |" in said for path in ("fastapi-svc", "triton", "gateway"))


def test_k6_loads_the_gateway_from_within_the_cluster(kubectl: Kubectl, tmp_path: Path) -> None:
    """A Job in a namespace of its own, with a certificate and no token; nothing of it is left afterwards."""
    said = local("loadtest", "--in-cluster", "--profile", "smoke", "--rounds", "1", "--output", str(tmp_path))
    assert "| gateway |" in said
    assert kubectl("get", "jobs,pods,configmaps", "-n", "loadtest", "-l", "app.kubernetes.io/name=loadtest") == ""
