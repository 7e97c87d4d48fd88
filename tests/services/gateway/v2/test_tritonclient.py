"""NVIDIA's own HTTP client, pointed at the gateway."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from services.gateway.clock import SystemClock
from tests.services.gateway.harness import Harness, bearer
from tests.services.gateway.served import listening

Client = tuple[InferenceServerClient, Harness]


@pytest.fixture
def served() -> Iterator[Client]:
    """A client of a gateway that listens, and the fakes behind that."""
    harness = Harness(clock=SystemClock())
    with listening(harness) as address:
        client = InferenceServerClient(address)
        yield client, harness
        client.close()


def texts(*given: str, binary: bool) -> list[Any]:
    tensor = InferInput("TEXT", [len(given), 1], "BYTES")
    tensor.set_data_from_numpy(np.array([[each.encode()] for each in given], dtype=np.object_), binary_data=binary)
    return [tensor]


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False, None])
def test_it_infers(served: Client, binary_in: bool, binary_out: bool | None) -> None:
    """In each form that the client can send and ask for; its default is binary both ways."""
    client, harness = served
    outputs = None
    if binary_out is not None:
        outputs = [InferRequestedOutput(name, binary_data=binary_out) for name in ("LOGITS", "MODEL_VERSION")]
    inputs = texts("Mary was kind.", "Good.", binary=binary_in)
    result = client.infer("sentiment", inputs, outputs=outputs, request_id="mine", headers=bearer())
    logits = result.as_numpy("LOGITS")
    assert (logits.shape, logits.dtype) == ((2, 2), np.float32)
    np.testing.assert_allclose(logits[0], np.log([0.25, 0.75]), rtol=1e-6)
    assert {
        bytes(each) if isinstance(each, bytes) else each.encode()
        for each in result.as_numpy("MODEL_VERSION").reshape(-1)
    } == {b"abc123abc123"}
    assert harness.triton.asked == ["<PERSON> was kind.", "Good."]


def test_it_asks_about_server_and_model(served: Client) -> None:
    """Live, ready and metadata are those of the protocol."""
    client, harness = served
    assert client.is_server_live(headers=bearer())
    assert client.is_server_ready(headers=bearer())
    assert client.is_model_ready("sentiment", headers=bearer())
    assert client.get_server_metadata(headers=bearer())["extensions"] == ["binary_tensor_data"]
    metadata = client.get_model_metadata("sentiment", headers=bearer())
    assert [each["name"] for each in (*metadata["inputs"], *metadata["outputs"])] == ["TEXT", "LOGITS", "MODEL_VERSION"]
    harness.triton.is_ready = False
    assert not client.is_model_ready("sentiment", headers=bearer())
    assert not client.is_model_ready("another", headers=bearer())


def test_it_understands_a_refusal(served: Client) -> None:
    """The client raises the problem's sentence with its status."""
    client, _ = served
    with pytest.raises(InferenceServerException) as refusal:
        client.infer("sentiment", texts("Good.", binary=True), priority=1, headers=bearer())
    assert (refusal.value.status(), "TEXT of type BYTES" in refusal.value.message()) == ("422", True)
    with pytest.raises(InferenceServerException) as refusal:
        client.infer("sentiment", texts("Good.", binary=True))
    assert (refusal.value.status(), refusal.value.message()) == ("401", "A bearer token is required.")
