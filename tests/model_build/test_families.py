"""Every family of encoders that is promised, from its checkpoint to the model that is served."""

from pathlib import Path

import numpy as np
import pytest

from model_build import checkpoint, export, precision, verify
from model_build.sources import resolve
from tests.model_build.checkpoints import POSITIONS, write_checkpoint

FAMILIES = ["bert", "distilbert", "roberta"]
TEXTS = ["a good film", "a bad product number 3", "news", "a " * 200, "tweet number 1 2 3 4 5 6 7 8 9"]


@pytest.fixture(scope="module", params=FAMILIES)
def classifier(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> checkpoint.Classifier:
    """A small model of the family with random weights."""
    folder = write_checkpoint(tmp_path_factory.mktemp("families") / request.param, request.param)
    return checkpoint.load(resolve(str(folder)))


@pytest.fixture(scope="module")
def expected(classifier: checkpoint.Classifier) -> verify.Logits:
    """What the checkpoint itself answers."""
    return verify.logits(
        lambda ids, mask: export.reference(classifier, ids, mask), classifier.tokenizer, TEXTS, batch_size=2
    )


@pytest.fixture(scope="module")
def single(classifier: checkpoint.Classifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """It in single precision."""
    path = tmp_path_factory.mktemp("single") / "model.onnx"
    export.export(classifier, path)
    return path


def answers(path: Path, classifier: checkpoint.Classifier, batch_size: int) -> verify.Logits:
    return verify.logits(verify.session(path, 1), classifier.tokenizer, TEXTS, batch_size=batch_size)


@pytest.mark.parametrize("batch_size", [1, 2, 5])
def test_the_export_answers_as_the_checkpoint(
    classifier: checkpoint.Classifier, expected: verify.Logits, single: Path, batch_size: int
) -> None:
    """In any batch, with texts of one token and texts that are cut."""
    assert np.allclose(answers(single, classifier, batch_size), expected, atol=1e-3 * np.abs(expected).max())


@pytest.mark.parametrize("weight_bits", [7, 8])
def test_int8_is_near_the_checkpoint(
    classifier: checkpoint.Classifier, expected: verify.Logits, single: Path, tmp_path: Path, weight_bits: int
) -> None:
    """In seven and in eight bits, and with a quarter of the bytes or little more."""
    precision.quantise(single, tmp_path / "int8.onnx", weight_bits=weight_bits)
    found = answers(tmp_path / "int8.onnx", classifier, 2)
    assert np.abs(found - expected).mean() < 0.15 * np.abs(expected).mean()


def test_fp16_is_near_the_checkpoint(
    classifier: checkpoint.Classifier, expected: verify.Logits, single: Path, tmp_path: Path
) -> None:
    """Half precision holds the weights and the mask, and the logits leave as float32."""
    precision.halve(single, tmp_path / "half.onnx")
    found = answers(tmp_path / "half.onnx", classifier, 2)
    assert np.abs(found - expected).mean() < 0.01 * np.abs(expected).mean()
    assert (tmp_path / "half.onnx").stat().st_size < 0.75 * single.stat().st_size


def test_texts_are_cut_where_the_positions_end(classifier: checkpoint.Classifier) -> None:
    """RoBERTa's positions begin after its padding, so that two of them hold no token."""
    assert classifier.max_tokens == POSITIONS


def test_only_standard_operators_are_used(single: Path) -> None:
    """So that ONNX Runtime on a processor, on CUDA and TensorRT all know them."""
    import onnx

    assert {entry.domain for entry in onnx.load(single).opset_import} == {""}


def test_labels_in_the_other_order_are_put_right(tmp_path: Path) -> None:
    """A checkpoint with POSITIVE first is served with NEGATIVE first."""
    folders = {
        labels: write_checkpoint(tmp_path / labels[0], "bert", labels=labels)
        for labels in (("NEGATIVE", "POSITIVE"), ("positive", "negative"))
    }
    found = []
    for folder in folders.values():
        classifier = checkpoint.load(resolve(str(folder)))
        export.export(classifier, folder / "model.onnx")
        found.append(answers(folder / "model.onnx", classifier, 1))
    assert np.allclose(found[0], found[1][:, ::-1], atol=1e-4)
