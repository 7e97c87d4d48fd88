"""`python -m loadtests.bench.distilbert FOLDER`: a model of the size that the paper measured, to be served by Triton.

It has DistilBERT's architecture (66 million weights) and weights that nobody trained: its answers mean nothing, and a run
takes as long as with trained ones. Exported, quantised and laid out as `python -m model_build` does it for the target cpu.
"""

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

import torch
from transformers import DistilBertConfig, DistilBertForSequenceClassification

from model_build import checkpoint, export, manifest, precision, repository
from model_build.checkpoint import MAX_TOKENS, Classifier
from model_build.pipeline import LABELS
from model_build.sources import resolve
from model_build.targets import TARGETS


def write(folder: Path, config: DistilBertConfig | None = None) -> None:
    """Write repository/ and manifest.json into `folder`; `config` says otherwise than DistilBERT's own sizes.

    The tokenizer is the built-in encoder's: both know the 30,522 pieces of the uncased BERT.
    """
    target = TARGETS["cpu"]
    torch.manual_seed(0)
    model = DistilBertForSequenceClassification(config or DistilBertConfig(num_labels=len(LABELS))).eval()
    tokenizer = checkpoint.tokenizer(resolve("builtin"), model, MAX_TOKENS)
    folder.mkdir(parents=True, exist_ok=True)
    single, quantised = folder / "single.onnx", folder / "quantised.onnx"
    export.export(Classifier(model=model, tokenizer=tokenizer, max_tokens=MAX_TOKENS), single)
    precision.quantise(single, quantised, weight_bits=target.weight_bits)
    single.unlink()
    repository.write(folder, model=quantised, tokenizer=tokenizer, target=target, max_tokens=MAX_TOKENS)
    files = manifest.describe(folder)
    content = {
        "name": repository.NAME,
        "version": manifest.version(files),
        "labels": LABELS,
        "max_tokens": MAX_TOKENS,
        "source": "DistilBERT's architecture, untrained: for measuring time only",
        "files": {path: asdict(file) for path, file in files.items()},
    }
    (folder / manifest.MANIFEST).write_text(json.dumps(content, indent=2) + "\n")


def main() -> int:
    """0 once it is written."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench.distilbert", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder to write")
    write(parser.parse_args().folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
