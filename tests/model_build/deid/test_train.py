"""Learning, and the eight-bit form of what was learnt."""

from pathlib import Path

import numpy as np
import pytest
import torch

from model_build.deid import export
from model_build.deid.examples import IGNORED, Example
from model_build.deid.network import DILATIONS, Network
from model_build.deid.train import SKIPPED, Hyperparameters, Rows, fit, label_names, rows
from services.gateway.deidentify import ENTITY_TYPES, Span
from services.gateway.deidentify.neural import NeuralRecognizer
from services.gateway.deidentify.neural_features import Featurizer

WORDS = ["seen", "by", "dr", ".", "today", "in"]
LISTS = {"ana": 1, "ruiz": 2}
LABELS = label_names(ENTITY_TYPES)
EXAMPLES = [
    Example("Seen by Dr. Ana Ruiz today.", (Span(12, 20, "PERSON"),)),
    Example("Seen today.", ()),
    Example("Dr. Zed Quill in Salem today", (Span(4, 13, "PERSON"), Span(17, 22, "LOCATION"))),
]


@pytest.fixture(scope="module")
def featurizer() -> Featurizer:
    return Featurizer(WORDS, LISTS)


@pytest.fixture(scope="module")
def network(featurizer: Featurizer) -> Network:
    """One that has learnt the three examples by heart."""
    parameters = Hyperparameters(epochs=60, unknown_words=0, unlisted_names=0, exchanged_words=0, cropped_texts=0)
    data = [rows(example, featurizer, LABELS, 100) for example in EXAMPLES]
    return fit(data, featurizer, len(LABELS), parameters, lambda _: None)


def test_tokens_of_a_span_begin_it_or_are_inside(featurizer: Featurizer) -> None:
    labels = rows(EXAMPLES[0], featurizer, LABELS, 100).labels
    assert [LABELS[label] for label in labels] == ["O"] * 4 + ["B-PERSON", "I-PERSON", "O", "O"]


def test_doubtful_words_are_skipped(featurizer: Featurizer) -> None:
    example = Example("The Rock was loud", (Span(0, 8, IGNORED),))
    assert list(rows(example, featurizer, LABELS, 100).labels) == [SKIPPED, SKIPPED, 0, 0]


def test_two_spans_side_by_side_stay_two(featurizer: Featurizer) -> None:
    example = Example("Ana Ruiz", (Span(0, 3, "PERSON"), Span(4, 8, "PERSON")))
    assert [LABELS[label] for label in rows(example, featurizer, LABELS, 100).labels] == ["B-PERSON", "B-PERSON"]


def test_padding_changes_no_answer(network: Network, featurizer: Featurizer) -> None:
    """A text is answered alike alone and beside a longer one."""
    row: Rows = rows(EXAMPLES[1], featurizer, LABELS, 100)
    length = len(row.labels)
    alone = torch.from_numpy(row.features.copy())[None]
    padded, mask = torch.zeros(1, length + 7, alone.shape[-1], dtype=torch.int32), torch.zeros(1, length + 7, 1)
    padded[:, :length], mask[:, :length] = alone, 1
    with torch.no_grad():
        assert torch.allclose(network(alone), network(padded, mask)[:, :length], atol=1e-5)


def test_the_files_answer_as_the_network_does_and_find_what_was_learnt(
    network: Network, featurizer: Featurizer, tmp_path: Path
) -> None:
    """The same words in the same places, with eight-bit weights."""
    export.save(network, WORDS, LISTS, tmp_path)
    export.write_manifest(
        tmp_path,
        {
            "labels": LABELS,
            "thresholds": dict.fromkeys(ENTITY_TYPES, 0.5),
            "alone": {},
            "plain": {},
            "reach": sum(DILATIONS),
            "files": export.describe(tmp_path),
        },
    )
    recognizer = NeuralRecognizer(folder=tmp_path)
    for example in EXAMPLES:
        features = featurizer(example.text).features
        with torch.no_grad():
            expected = network(torch.from_numpy(features.copy())[None])[0].softmax(-1).numpy()
        assert np.abs(recognizer.probabilities(features) - expected).max() < 0.1
        assert tuple(recognizer.spans(example.text)) == example.spans


def test_the_same_network_gives_the_same_bytes(network: Network, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export.save(network, WORDS, LISTS, tmp_path / name)
    assert export.describe(tmp_path / "one") == export.describe(tmp_path / "two")
