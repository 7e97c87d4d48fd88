"""A model that is as large as the paper's."""

import json
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from transformers import DistilBertConfig

from loadtests.bench.distilbert import write
from model_build import manifest, verify

_SMALL = DistilBertConfig(dim=16, hidden_dim=32, n_heads=2, n_layers=1, num_labels=2)


def test_it_is_laid_out_like_a_build_and_answers(tmp_path: Path) -> None:
    """Files as its manifest says, and two finite scores for each text, whatever they mean."""
    write(tmp_path, _SMALL)
    manifest.check(tmp_path, manifest.parse((tmp_path / manifest.MANIFEST).read_bytes()))
    files = tmp_path / "repository/sentiment/1"
    tokenizer = Tokenizer.from_file(str(files / "tokenizer.json"))
    found = verify.logits(verify.session(files / "model.onnx", 1), tokenizer, ["Kind nurses.", "A long wait. " * 400])
    assert found.shape == (2, 2)
    assert np.isfinite(found).all()


def test_its_sizes_are_distilberts(tmp_path: Path) -> None:
    """66 million weights, and nobody takes it for a trained model."""
    sizes = DistilBertConfig()
    assert (sizes.n_layers, sizes.n_heads, sizes.dim, sizes.hidden_dim, sizes.vocab_size) == (6, 12, 768, 3072, 30_522)
    write(tmp_path, _SMALL)
    assert "untrained" in json.loads((tmp_path / manifest.MANIFEST).read_text())["source"]
