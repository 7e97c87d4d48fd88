"""The phases of a build that need torch: load, export, reduce, verify, lay out."""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from importlib.metadata import version as installed
from pathlib import Path

import torch

from model_build import checkpoint, data, export, manifest, precision, repository, verify, versions
from model_build.checkpoint import Classifier
from model_build.data import Sentence
from model_build.sources import Checkpoint
from model_build.targets import Target
from model_build.verify import Answer, Bounds, Measured

Phase = Callable[[str], AbstractContextManager[None]]

LABELS = ["NEGATIVE", "POSITIVE"]
BUILTIN_ACCURACY = 0.87
EXPORTED = Bounds(agreement=0.999, difference=0.001, accuracy_drop=0.001)
INT8 = Bounds(agreement=0.97, difference=0.15, accuracy_drop=0.015)
FP16 = Bounds(agreement=0.995, difference=0.01, accuracy_drop=0.005)
_MADE_FROM = {".json", ".safetensors", ".txt"}
_MAY_DIFFER = (
    "The same inputs, package versions and kind of processor give the same bytes of every file in repository/. The figures are "
    "of the processor that built: another rounds otherwise in the last digits."
)


def run(source: Checkpoint, target: Target, archive: Path, folder: Path, phase: Phase) -> str:
    """Write repository/, manifest.json and MODEL_CARD.md into `folder`; returns the version. Raises BuildError."""
    torch.set_num_threads(os.cpu_count() or 1)
    single, quantised, half = (folder / f"{name}.onnx" for name in ("single", "quantised", "half"))
    with phase("load the checkpoint"):
        classifier = checkpoint.load(source)
        sentences = data.load(archive).held_out
    with phase("export to ONNX"):
        export.export(classifier, single)
    with phase(f"quantise to INT8, weights of {target.weight_bits} bits"):
        precision.quantise(single, quantised, weight_bits=target.weight_bits)
    if target.gpu:
        with phase("halve to FP16"):
            precision.halve(single, half)
    steps = {"FP32": (single, EXPORTED), "INT8": (quantised, INT8), "FP16": (half, FP16)}
    models = {name: step for name, step in steps.items() if step[0].exists()}
    figures, opset = _figures(source, classifier, sentences, models, phase), export.opset(single)
    single.unlink()
    repository.write(
        folder,
        model=quantised,
        tokenizer=classifier.tokenizer,
        target=target,
        max_tokens=classifier.max_tokens,
        half=half if target.gpu else None,
    )
    return versions.write(folder, _content(source, target, classifier, figures) | {"opset": opset})


def _figures(
    source: Checkpoint,
    classifier: Classifier,
    sentences: tuple[Sentence, ...],
    models: Mapping[str, tuple[Path, Bounds]],
    phase: Phase,
) -> dict[str, object]:
    """What the manifest says of the checkpoint, of each model, and of INT8 with each sentence by itself."""
    texts = [sentence.text for sentence in sentences]

    def ask(name: str, answer: Answer, *, batch_size: int = 32) -> verify.Logits:
        with phase(f"{name}: answer {len(texts)} held-out sentences, {batch_size} at a time"):
            return verify.logits(answer, classifier.tokenizer, texts, batch_size=batch_size)

    expected = ask("checkpoint", lambda ids, mask: export.reference(classifier, ids, mask))
    if not source.named:
        verify.check_labels(expected, sentences)
    measured: dict[str, Measured] = {}
    found: dict[str, verify.Logits] = {}
    for name, (path, bounds) in models.items():
        found[name] = ask(name, verify.session(path, os.cpu_count() or 1))
        measured[name] = verify.measure(expected, found[name], sentences)
        verify.check(f"{name} model", measured[name], expected, sentences, bounds)
    if source.adapter:
        verify.check_accuracy("INT8 model", measured["INT8"], BUILTIN_ACCURACY)
    alone = ask("INT8", verify.session(models["INT8"][0], os.cpu_count() or 1), batch_size=1)
    return {
        "checkpoint": verify.of(expected, sentences),
        "models": {name: asdict(of_model) for name, of_model in measured.items()},
        "int8_alone_agrees_with_batched": verify.agreement(alone, found["INT8"]),
    }


def _content(
    source: Checkpoint, target: Target, classifier: Classifier, figures: Mapping[str, object]
) -> dict[str, object]:
    return {
        "name": repository.NAME,
        "labels": LABELS,
        "max_tokens": classifier.max_tokens,
        "source": source.source,
        "licence": source.licence,
        "checkpoint": {path.name: manifest.digest(path) for path in source.files if path.suffix in _MADE_FROM},
        "target": target.name,
        "precision": _precision(target),
        "figures": figures,
        "reproducible": _MAY_DIFFER,
        "packages": {name: installed(name) for name in ("torch", "transformers", "onnx", "onnxruntime")},
    }


def _precision(target: Target) -> dict[str, str]:
    safe = "right on every processor" if target.weight_bits == 7 else "only for processors with VNNI"
    found = {repository.NAME: f"INT8: weights of {target.weight_bits} bits per channel ({safe}), dynamic activations"}
    return found | ({repository.ENCODER: "FP16"} if target.gpu else {})
