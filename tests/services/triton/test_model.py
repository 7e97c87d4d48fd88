"""The Python-backend model, with a stand-in for Triton's module and an ONNX model whose answers are known."""

import hashlib
import importlib.util
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper
from tokenizers import Tokenizer, models, pre_tokenizers

from services.fastapi_svc import padding

SOURCE = Path(__file__).parents[3] / "services/triton/model_repository/sentiment/1/model.py"
VERSION = "0123456789ab"


class Response:
    def __init__(self, output_tensors: Sequence[Any], error: Any = None) -> None:
        self.tensors = {tensor.name: tensor.values for tensor in output_tensors}
        self.error = error


class ModelException(Exception):
    pass


def stand_in(errors: list[str]) -> ModuleType:
    """triton_python_backend_utils as far as the model uses it; the server's error log goes into `errors`."""
    module: Any = ModuleType("triton_python_backend_utils")
    module.Tensor = lambda name, values: SimpleNamespace(name=name, values=values)
    module.TritonError = lambda message: message
    module.TritonModelException = ModelException
    module.InferenceResponse = Response
    module.Logger = SimpleNamespace(log_error=errors.append)
    module.get_input_tensor_by_name = lambda request, name: SimpleNamespace(as_numpy=lambda: request[name])
    return module  # type: ignore[no-any-return]


def write_repository(root: Path) -> Path:
    """A repository whose logits are (number of tokens, sum of their ids): good is 1, bad 2, padding 9 and masked."""
    folder = root / "repository" / "sentiment" / "1"
    folder.mkdir(parents=True)
    ints = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"])
        for name in ("input_ids", "attention_mask")
    ]
    nodes = [
        helper.make_node("Mul", ["input_ids", "attention_mask"], ["kept"]),
        helper.make_node("ReduceSum", ["attention_mask", "axis"], ["count"]),
        helper.make_node("ReduceSum", ["kept", "axis"], ["sum"]),
        helper.make_node("Concat", ["count", "sum"], ["both"], axis=1),
        helper.make_node("Cast", ["both"], ["logits"], to=TensorProto.FLOAT),
    ]
    axis = helper.make_tensor("axis", TensorProto.INT64, [1], [1])
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 2])
    graph = helper.make_graph(nodes, "known", ints, [output], initializer=[axis])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
    onnx.save(model, folder / "model.onnx")
    tokenizer = Tokenizer(models.WordLevel({"other": 0, "good": 1, "bad": 2, "[PAD]": 9}, unk_token="other"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.enable_padding(pad_id=9)
    tokenizer.enable_truncation(5)
    tokenizer.save(str(folder / "tokenizer.json"))
    files = {
        f"repository/sentiment/1/{name}": {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest()}
        for name in ("model.onnx", "tokenizer.json")
    }
    (root / "manifest.json").write_text(json.dumps({"version": VERSION, "files": files}))
    return folder


Loaded = tuple[Any, list[str]]


def module_of(utils: ModuleType) -> Any:
    """model.py by its path, as Triton loads it, with `utils` for Triton's module."""
    spec = importlib.util.spec_from_file_location("triton_model", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    with patch.dict(sys.modules, {"triton_python_backend_utils": utils}):
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Loaded]:
    """Load the model as Triton does: its file by path, then initialize with the repository's folder."""

    def load(folder: Path) -> Loaded:
        errors: list[str] = []
        monkeypatch.delenv("RAYON_NUM_THREADS", raising=False)
        model = module_of(stand_in(errors)).TritonPythonModel()
        model.initialize({"model_repository": str(folder.parent), "model_version": folder.name})
        return model, errors

    return load


def request(*texts: bytes) -> dict[str, NDArray[np.object_]]:
    return {"TEXT": np.array([[text] for text in texts], dtype=np.object_)}


def test_each_request_gets_its_own_rows(tmp_path: Path, load: Callable[[Path], Loaded]) -> None:
    """Several requests run as one batch, and each gets the logits and the version for its texts, in order."""
    model, _ = load(write_repository(tmp_path))
    first, second = model.execute([request(b"good bad", b"good"), request(b"bad bad bad")])
    assert first.tensors["LOGITS"].tolist() == [[2.0, 3.0], [1.0, 1.0]]
    assert second.tensors["LOGITS"].tolist() == [[3.0, 6.0]]
    assert first.tensors["LOGITS"].dtype == np.float32
    assert first.tensors["MODEL_VERSION"].tolist() == [[VERSION.encode()], [VERSION.encode()]]


def test_one_run_serves_requests_of_like_length(tmp_path: Path, load: Callable[[Path], Loaded]) -> None:
    """A run costs more than the little padding that it would save."""
    model, _ = load(write_repository(tmp_path))
    session, shapes = model._session, []

    def run(outputs: list[str], feeds: dict[str, NDArray[np.int64]]) -> Any:
        shapes.append(feeds["input_ids"].shape)
        return session.run(outputs, feeds)

    model._session = SimpleNamespace(run=run)
    model.execute([request(b"good"), request(b"bad", b"good bad"), request(b"bad")])
    assert shapes == [(4, 2)]


@pytest.mark.parametrize(("on_gpu", "expected"), [(False, [(30, 1), (30, 5)]), (True, [(60, 5)])])
def test_texts_of_other_lengths_run_apart_unless_on_a_gpu(
    tmp_path: Path, load: Callable[[Path], Loaded], on_gpu: bool, expected: list[tuple[int, int]]
) -> None:
    """To a GPU padding costs less than another run; either way each request gets the rows of its texts."""
    model, _ = load(write_repository(tmp_path))
    session, shapes = model._session, []

    def run(outputs: list[str], feeds: dict[str, NDArray[np.int64]]) -> Any:
        shapes.append(feeds["input_ids"].shape)
        return session.run(outputs, feeds)

    model._session, model._one_run = SimpleNamespace(run=run), on_gpu
    responses = model.execute([request(b"bad"), request(b"good good good good good")] * 30)
    assert sorted(shapes) == expected
    assert [response.tensors["LOGITS"].tolist() for response in responses] == [[[1.0, 2.0]], [[5.0, 5.0]]] * 30


@given(st.lists(st.integers(1, 512), max_size=40))
def test_texts_run_together_as_on_the_other_path(lengths: list[int]) -> None:
    """Both paths make the same runs of the same batch."""
    assert module_of(stand_in([]))._runs(lengths) == padding.runs(lengths)


def test_an_unreadable_text_fails_alone(tmp_path: Path, load: Callable[[Path], Loaded]) -> None:
    """Bytes that are not UTF-8, and another shape, spoil their own request only, and are not repeated in the error."""
    model, _ = load(write_repository(tmp_path))
    flat = {"TEXT": np.array([b"secret"], dtype=np.object_)}
    good, broken, shaped, last = model.execute([request(b"good"), request(b"secret \xff"), flat, request(b"bad")])
    assert good.tensors["LOGITS"].tolist() == [[1.0, 1.0]]
    assert last.tensors["LOGITS"].tolist() == [[1.0, 2.0]]
    for response in (broken, shaped):
        assert response.error == "TEXT must hold one UTF-8 string for each item of the batch."


def test_a_failed_run_says_nothing_of_the_texts(tmp_path: Path, load: Callable[[Path], Loaded]) -> None:
    """Every request of the batch gets an error; neither it nor the log holds what the runtime said."""
    model, errors = load(write_repository(tmp_path))

    def fail(*arguments: object) -> None:
        raise RuntimeError("cannot run: secret")

    model._session = SimpleNamespace(run=fail)
    responses = model.execute([request(b"secret"), request(b"good")])
    assert [response.error for response in responses] == ["The model failed on this batch."] * 2
    assert errors == ["a batch of 2 failed: RuntimeError"]


def test_long_texts_are_cut(tmp_path: Path, load: Callable[[Path], Loaded]) -> None:
    """The tokenizer's own limit holds."""
    model, _ = load(write_repository(tmp_path))
    (response,) = model.execute([request(b"good " * 100)])
    assert response.tensors["LOGITS"].tolist() == [[5.0, 5.0]]


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_changed_files_are_not_loaded(tmp_path: Path, load: Callable[[Path], Loaded], name: str) -> None:
    """A file that the manifest does not describe stops the model at load."""
    folder = write_repository(tmp_path)
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(ModelException, match=f"{name} does not match the manifest"):
        load(folder)


def test_threads_come_from_the_environment(
    tmp_path: Path, load: Callable[[Path], Loaded], monkeypatch: pytest.MonkeyPatch
) -> None:
    """MODEL_THREADS sizes the session, and one thread is the default."""
    folder = write_repository(tmp_path)
    model, _ = load(folder)
    assert model._session.get_session_options().intra_op_num_threads == 1
    monkeypatch.setenv("MODEL_THREADS", "2")
    model, _ = load(folder)
    assert model._session.get_session_options().intra_op_num_threads == 2


def test_finalize_lets_the_session_go(tmp_path: Path, load: Callable[[Path], Loaded]) -> None:
    """After finalize nothing of the session is held."""
    model, _ = load(write_repository(tmp_path))
    model.finalize()
    assert not hasattr(model, "_session")
