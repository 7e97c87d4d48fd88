"""The service over HTTP, with a real model of a few words."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from services.fastapi_svc.app import create_app
from services.fastapi_svc.batcher import Policy
from services.fastapi_svc.classifier import load


@pytest.fixture
def client(model_dir: Path) -> Iterator[TestClient]:
    with TestClient(create_app(classifier=load(model_dir, threads=1), policy=Policy(concurrency=2))) as client:
        yield client


def test_classifies_one_text(client: TestClient) -> None:
    """The answer has the prediction, the model and the request's id, and nothing else."""
    response = client.post("/v1/classify", json={"text": "good good good"})
    assert response.status_code == 200
    body = response.json()
    assert body == {
        "predictions": [{"label": "POSITIVE", "score": pytest.approx(0.9526, abs=1e-4)}],
        "model": {"name": "sentiment", "version": "0123456789ab"},
        "request_id": response.headers["x-request-id"],
    }


def test_classifies_several_texts_in_order(client: TestClient) -> None:
    """One prediction for each text."""
    predictions = client.post("/v1/classify", json={"texts": ["bad", "good", "bad"]}).json()["predictions"]
    assert [prediction["label"] for prediction in predictions] == ["NEGATIVE", "POSITIVE", "NEGATIVE"]


def test_refuses_a_bad_request_before_the_model_sees_it(client: TestClient) -> None:
    """A blank text is a 422 and no inference."""
    assert client.post("/v1/classify", json={"text": " "}).status_code == 422
    assert "inference_duration_seconds_count 0.0" in client.get("/metrics").text


def test_is_ready_and_counts_inferences(client: TestClient) -> None:
    """The model is loaded before the service listens."""
    assert client.get("/readyz").status_code == 200
    client.post("/v1/classify", json={"text": "good"})
    assert "inference_duration_seconds_count 1.0" in client.get("/metrics").text
