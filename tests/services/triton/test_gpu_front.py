"""What stands before the encoder on a GPU, with stand-ins for Triton's module and the encoder."""

import hashlib
import importlib.util
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

SOURCE = Path(__file__).parents[3] / "services/triton/gpu_front/model.py"
NUMBER, VERSION = "2", "0123456789ab"


class Asked:
    """What the encoder was asked; it answers with the number of tokens and the sum of their ids, or fails."""

    def __init__(self) -> None:
        self.requests: list[Mapping[str, Any]] = []
        self.fails = False

    def request(self, **fields: Any) -> Any:
        self.requests.append(fields)
        feeds = {tensor.name: tensor.values for tensor in fields["inputs"]}
        kept = feeds["input_ids"] * feeds["attention_mask"]
        logits = np.stack([feeds["attention_mask"].sum(axis=1), kept.sum(axis=1)], axis=1).astype(np.float32)
        answer = SimpleNamespace(has_error=lambda: self.fails, tensors={"logits": logits})
        return SimpleNamespace(exec=lambda: answer)


class ModelException(Exception):
    pass


def stand_in(asked: Asked, errors: list[str]) -> ModuleType:
    """triton_python_backend_utils as far as the front uses it; the server's error log goes into `errors`."""
    module: Any = ModuleType("triton_python_backend_utils")
    module.Tensor = lambda name, values: SimpleNamespace(name=name, values=values)
    module.TritonError = lambda message: message
    module.TritonModelException = ModelException
    module.InferenceRequest = asked.request
    module.PreferredMemory = lambda kind, device: (kind, device)
    module.TRITONSERVER_MEMORY_CPU = "cpu"
    module.InferenceResponse = lambda output_tensors, error=None: SimpleNamespace(
        tensors={tensor.name: tensor.values for tensor in output_tensors}, error=error
    )
    module.Logger = SimpleNamespace(log_error=errors.append)
    module.get_input_tensor_by_name = lambda request, name: SimpleNamespace(as_numpy=lambda: request[name])
    module.get_output_tensor_by_name = lambda answer, name: SimpleNamespace(as_numpy=lambda: answer.tensors[name])
    return module  # type: ignore[no-any-return]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a tokenizer that cuts at three words, good is 1 and bad 2, and an encoder's weights."""
    tokenizer = Tokenizer(models.WordLevel({"[PAD]": 0, "good": 1, "bad": 2}, unk_token="[PAD]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_padding(pad_id=0)
    tokenizer.enable_truncation(3)
    model = tmp_path / "repository/sentiment"
    (model / NUMBER).mkdir(parents=True)
    tokenizer.save(str(model / NUMBER / "tokenizer.json"))
    encoder = tmp_path / "repository/sentiment_encoder" / NUMBER
    encoder.mkdir(parents=True)
    (encoder / "model.onnx").write_bytes(b"weights")
    files = {
        path.relative_to(tmp_path).as_posix(): {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
        for path in (model / NUMBER / "tokenizer.json", encoder / "model.onnx")
    }
    versions = {"1": {"version": "another"}, NUMBER: {"version": VERSION}}
    (tmp_path / "manifest.json").write_text(json.dumps({"version": "both", "versions": versions, "files": files}))
    return model


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def errors() -> list[str]:
    return []


@pytest.fixture
def start(folder: Path, asked: Asked, errors: list[str]) -> Callable[[], Any]:
    """Load the front as Triton does."""

    def started() -> Any:
        with patch.dict(sys.modules, {"triton_python_backend_utils": stand_in(asked, errors)}):
            spec = importlib.util.spec_from_file_location("gpu_front", SOURCE)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
        model = module.TritonPythonModel()
        model.initialize({"model_repository": str(folder), "model_version": NUMBER})
        return model

    return started


def request(*texts: bytes) -> Mapping[str, Any]:
    return {"TEXT": np.array([[text] for text in texts], dtype=np.object_)}


def test_the_texts_of_all_requests_are_answered_in_one_run(start: Callable[[], Any], asked: Asked) -> None:
    """Each request gets its own rows, and the name of the version that answered."""
    responses = start().execute([request(b"good"), request(b"bad bad", b"good bad good good good")])
    assert [response.tensors["LOGITS"].tolist() for response in responses] == [[[1, 1]], [[2, 4], [3, 4]]]
    assert responses[1].tensors["MODEL_VERSION"].tolist() == [[VERSION.encode()]] * 2
    assert len(asked.requests) == 1


def test_the_encoder_of_the_same_number_is_asked(start: Callable[[], Any], asked: Asked) -> None:
    """Two versions side by side each have their own encoder; its answer is wanted in the processor's memory."""
    start().execute([request(b"good")])
    (made,) = asked.requests
    assert (made["model_name"], made["model_version"]) == ("sentiment_encoder", int(NUMBER))
    assert made["requested_output_names"] == ["logits"]
    assert made["preferred_memory"] == ("cpu", 0)


@pytest.mark.parametrize("values", [np.array([[b"\xff"]], dtype=np.object_), np.array([b"good"], dtype=np.object_)])
def test_a_request_that_holds_no_texts_fails_alone(start: Callable[[], Any], values: Any) -> None:
    """The others of its batch are answered."""
    wrong, right = start().execute([{"TEXT": values}, request(b"good")])
    assert wrong.error == "TEXT must hold one UTF-8 string for each item of the batch."
    assert right.tensors["LOGITS"].tolist() == [[1, 1]]


def test_a_failed_run_says_nothing_of_the_texts(start: Callable[[], Any], asked: Asked, errors: list[str]) -> None:
    """Every request of the batch is told that it failed, and no more."""
    asked.fails = True
    responses: Sequence[Any] = start().execute([request(b"good"), request(b"bad")])
    assert [response.error for response in responses] == ["The model failed on this batch."] * 2
    assert errors == ["a batch of 2 failed: RuntimeError"]


@pytest.mark.parametrize("path", ["sentiment/2/tokenizer.json", "sentiment_encoder/2/model.onnx"])
def test_a_file_that_the_manifest_does_not_know_stops_it(folder: Path, start: Callable[[], Any], path: str) -> None:
    """Tokenizer and weights are those that were built, or the model is not loaded."""
    (folder.parent / path).write_bytes(b"other")
    with pytest.raises(ModelException, match="does not match the manifest"):
        start()
