"""The classifier, with a model that counts words."""

import json
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from services.fastapi_svc.classifier import ModelError, load, softmax
from tests.services.fastapi_svc.conftest import onnx_model, write_model

OTHER_LABELS = json.dumps({"name": "a", "version": "b", "labels": ["SAD", "GLAD"], "max_tokens": 8, "files": {}})


def test_answers_each_text_with_its_own_label_and_probability(model_dir: Path) -> None:
    """A batch of texts of different lengths gets one answer each, in order."""
    answers = load(model_dir, threads=1).classify(["good", "bad bad ward", "good good good"])
    assert [label for label, _ in answers] == ["POSITIVE", "NEGATIVE", "POSITIVE"]
    expected = [1 / (1 + math.exp(-count)) for count in (1, 2, 3)]
    assert [score for _, score in answers] == pytest.approx(expected)


def test_padding_does_not_change_an_answer(model_dir: Path) -> None:
    """A text gets the same answer alone and beside a longer one."""
    classifier = load(model_dir, threads=1)
    assert classifier.classify(["good"]) == classifier.classify(["good", "ward ward ward bad"])[:1]


@pytest.mark.parametrize("one_run", [True, False])
def test_answers_stay_in_order_whatever_runs_together(model_dir: Path, one_run: bool) -> None:
    """Texts of a batch that run apart, and those that are padded to the longest, get the same answers."""
    classifier = load(model_dir, threads=1, one_run=one_run)
    texts = ["good", "bad bad bad bad bad bad bad", "bad", "good good good good good good good"] * 8
    answers = classifier.classify(texts)
    assert [label for label, _ in answers] == ["POSITIVE", "NEGATIVE", "NEGATIVE", "POSITIVE"] * 8
    scores = [1 / (1 + math.exp(-count)) for count in (1, 7, 1, 7)] * 8
    assert [score for _, score in answers] == pytest.approx(scores)


def test_cuts_texts_at_max_tokens(tmp_path: Path) -> None:
    """What lies beyond the manifest's max_tokens is not seen."""
    classifier = load(write_model(tmp_path, max_tokens=2), threads=1)
    assert classifier.classify(["good ward bad bad bad"])[0][0] == "POSITIVE"


def test_may_be_called_from_several_threads(model_dir: Path) -> None:
    """Calls at a time do not mix."""
    classifier = load(model_dir, threads=1)
    texts = ["good", "bad"] * 50
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda text: classifier.classify([text])[0][0], texts))
    assert answers == ["POSITIVE", "NEGATIVE"] * 50


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_refuses_a_file_that_is_not_the_manifests(model_dir: Path, name: str) -> None:
    """One byte more is another file."""
    (model_dir / name).write_bytes((model_dir / name).read_bytes() + b" ")
    with pytest.raises(ModelError, match=f"{name} does not match the manifest"):
        load(model_dir, threads=1)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_refuses_a_model_with_a_file_missing(model_dir: Path, name: str) -> None:
    """The sentence names the file."""
    (model_dir / name).unlink()
    with pytest.raises(ModelError, match=f"{name} is missing"):
        load(model_dir, threads=1)


def test_refuses_a_file_that_the_manifest_does_not_list(model_dir: Path) -> None:
    """An unlisted file has no hash to match."""
    path = model_dir.parents[2] / "manifest.json"
    manifest = json.loads(path.read_text())
    del manifest["files"]["repository/sentiment/1/model.onnx"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"model\.onnx does not match"):
        load(model_dir, threads=1)


def test_has_the_name_of_its_own_build(model_dir: Path) -> None:
    """Where two versions lie side by side, each is called what its build called it, as Triton does."""
    path = model_dir.parents[2] / "manifest.json"
    builds = {"1": {"version": "old"}, "2": {"version": "new"}}
    path.write_text(json.dumps({**json.loads(path.read_text()), "versions": builds}))
    assert load(model_dir, threads=1).manifest.version == "old"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": "a", "version": "b", "labels": 5}', OTHER_LABELS])
def test_refuses_what_is_no_manifest(model_dir: Path, content: str) -> None:
    """A manifest of another shape is one sentence, not a traceback."""
    (model_dir.parents[2] / "manifest.json").write_text(content)
    with pytest.raises(ModelError, match="not a model manifest"):
        load(model_dir, threads=1)


def test_refuses_a_folder_without_manifest(tmp_path: Path) -> None:
    """Nothing is served unverified."""
    with pytest.raises(ModelError, match=r"manifest\.json is missing"):
        load(tmp_path / "repository" / "sentiment" / "1", threads=1)


@pytest.mark.parametrize("model", [b"no model", onnx_model(labels=3)])
def test_refuses_a_model_that_cannot_answer(tmp_path: Path, model: bytes) -> None:
    """A model that is damaged, or has not one logit for each label, is refused at load, not at the first request."""
    with pytest.raises(ModelError, match="cannot be loaded"):
        load(write_model(tmp_path, model=model), threads=1)


def test_softmax_of_large_logits_is_finite() -> None:
    """Probabilities sum to one whatever the scale of the logits."""
    probabilities = softmax(np.array([[1000.0, 0.0], [0.0, 0.0]]))
    assert probabilities.tolist() == [[1.0, 0.0], [0.5, 0.5]]
