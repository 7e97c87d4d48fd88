"""The phases of a build that need torch: load, export, quantise, verify, lay out."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from importlib.metadata import version as installed
from pathlib import Path

import torch

from model_build import card, checkpoint, data, export, repository
from model_build.build import write_manifest
from model_build.sources import Checkpoint
from model_build.verify import Bounds, session, verify

Phase = Callable[[str], AbstractContextManager[None]]

LABELS = ["NEGATIVE", "POSITIVE"]
BUILTIN = Bounds(accuracy=0.80)
OTHERS = Bounds()


def run(source: Checkpoint, archive: Path, folder: Path, phase: Phase) -> str:
    """Write repository/, manifest.json and MODEL_CARD.md into `folder`; returns the version. Raises BuildError."""
    threads = os.cpu_count() or 1
    torch.set_num_threads(threads)
    single, quantised = folder / "single.onnx", folder / "quantised.onnx"
    with phase("load the checkpoint"):
        classifier = checkpoint.load(source)
        sentences = data.load(archive).held_out
    with phase("export to ONNX"):
        export.export(classifier, single)
    with phase("quantise to INT8"):
        export.quantise(single, quantised)
        single.unlink()
    with phase(f"verify on {len(sentences)} held-out sentences"):
        figures = verify(
            checkpoint=lambda ids, mask: export.reference(classifier, ids, mask),
            served=session(quantised, threads),
            tokenizer=classifier.tokenizer,
            sentences=sentences,
            bounds=BUILTIN if source.adapter else OTHERS,
        )
    opset = export.opset(quantised)
    repository.write(folder, model=quantised, tokenizer=classifier.tokenizer)
    content: dict[str, object] = {
        "name": repository.NAME,
        "labels": LABELS,
        "max_tokens": classifier.max_tokens,
        "source": source.source,
        "licence": source.licence,
        "opset": opset,
        "precision": "INT8, dynamic",
        "figures": asdict(figures),
        "versions": {name: installed(name) for name in ("torch", "onnx", "onnxruntime")},
    }
    version = write_manifest(folder, content)
    (folder / "MODEL_CARD.md").write_text(card.render(version, source, figures, classifier.max_tokens))
    return version
