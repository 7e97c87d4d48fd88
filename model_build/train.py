"""Learn the adapter again: `python -m model_build.train` (`make train`), about ten minutes on two idle cores."""

import argparse
import datetime
import json
import math
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch
from peft import PeftModel
from tokenizers import Tokenizer
from torch.nn.functional import cross_entropy
from torch.optim.lr_scheduler import LambdaLR

from local.paths import CACHE
from model_build import adapter, data, downloads
from model_build.accuracy import accuracy
from model_build.batches import by_length, padded, shuffled
from model_build.data import Sentence, Split
from model_build.errors import BuildError
from model_build.manifest import digest
from model_build.sources import ADAPTER, ENCODER_PACKAGE, encoder_folder

COMMAND = "python -m model_build.train"

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """Chosen on the development part, never on the held-out part."""

    epochs: int = 2
    batch_size: int = 32
    learning_rate: float = 1.2e-3
    warm_up: float = 0.06
    weight_decay: float = 0.01
    rating_scale: float = 1.5
    """A rating r becomes the target sigmoid(rating_scale * r): a lukewarm sentence pulls less than a glowing one."""
    max_tokens: int = 64
    seed: int = 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog=COMMAND, description="Train the adapter of the built-in model.")
    parser.add_argument("--output", type=Path, default=ADAPTER, help="folder for adapter.safetensors and adapter.json")
    options = parser.parse_args(arguments)
    try:
        run(downloads.sentences(CACHE / "downloads"), options.output, Hyperparameters(), print)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run(archive: Path, output: Path, parameters: Hyperparameters, progress: Progress) -> None:
    """Train on all but the held-out and development parts, measure on both, and write the two files into `output`."""
    started = time.monotonic()
    split, encoder = data.load(archive), encoder_folder()
    torch.manual_seed(parameters.seed)
    tokenizer = Tokenizer.from_file(str(encoder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(parameters.max_tokens)
    model = adapter.attach(adapter.base(encoder))
    train(model, tokenizer, split.training, parameters, progress)
    output.mkdir(parents=True, exist_ok=True)
    adapter.save(model, output / "adapter.safetensors")
    figures = {
        part: accuracy(predict(model, tokenizer, sentences), sentences)
        for part, sentences in (("development", split.development), ("held_out", split.held_out))
    }
    record = {
        "command": COMMAND,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "minutes": round((time.monotonic() - started) / 60, 1),
        "adapter": {"sha256": digest(output / "adapter.safetensors"), "rank": adapter.RANK, "alpha": adapter.ALPHA},
        "encoder": {
            "package": ENCODER_PACKAGE,
            "version": version(ENCODER_PACKAGE),
            "sha256": digest(encoder / "model.safetensors"),
        },
        "data": _described(archive, split),
        "hyperparameters": asdict(parameters) | {"precision": "bfloat16" if _bfloat16() else "float32"},
        "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
        "figures": figures,
    }
    (output / "adapter.json").write_text(json.dumps(record, indent=2) + "\n")
    for source, figure in figures["held_out"].items():
        progress(f"held-out accuracy, {source}: {figure['accuracy']:.4f} ({figure['low']:.4f} to {figure['high']:.4f})")


def train(
    model: PeftModel,
    tokenizer: Tokenizer,
    sentences: Sequence[Sentence],
    parameters: Hyperparameters,
    progress: Progress,
) -> None:
    """Change the trainable weights of `model` in place: AdamW, a linear warm-up and decay, soft targets."""
    rows = [encoding.ids for encoding in tokenizer.encode_batch([sentence.text for sentence in sentences])]
    targets = torch.sigmoid(parameters.rating_scale * torch.tensor([sentence.rating for sentence in sentences]))
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=parameters.learning_rate, weight_decay=parameters.weight_decay)
    steps = parameters.epochs * math.ceil(len(rows) / parameters.batch_size)
    warm_up = parameters.warm_up * steps + 1
    schedule = LambdaLR(optimizer, lambda step: min(1, (step + 1) / warm_up) * (1 - step / steps))
    rng = random.Random(parameters.seed)  # noqa: S311 - not for secrets
    started, done, loss_sum = time.monotonic(), 0, 0.0
    model.train()
    for _ in range(parameters.epochs):
        for batch in shuffled(rows, parameters.batch_size, rng):
            logits = _logits(model, [rows[index] for index in batch])
            positive = targets[batch]
            loss = cross_entropy(logits, torch.stack([1 - positive, positive], dim=1))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            done, loss_sum = done + 1, loss_sum + loss.item()
            if done % 50 == 0:
                left = (time.monotonic() - started) / done * (steps - done)
                progress(f"step {done} of {steps}, loss {loss_sum / 50:.4f}, {left / 60:.1f} minutes left")
                loss_sum = 0.0


def predict(model: PeftModel, tokenizer: Tokenizer, sentences: Sequence[Sentence]) -> list[int]:
    """The label (0 or 1) of each sentence, in order."""
    rows = [encoding.ids for encoding in tokenizer.encode_batch([sentence.text for sentence in sentences])]
    labels = np.zeros(len(rows), dtype=np.int64)
    model.eval()
    with torch.no_grad():
        for batch in by_length(rows, 64):
            labels[batch] = _logits(model, [rows[index] for index in batch]).argmax(dim=-1).numpy()
    return [int(label) for label in labels]


def _logits(model: PeftModel, rows: Sequence[Sequence[int]]) -> torch.Tensor:
    ids, mask = (torch.from_numpy(array) for array in padded(rows))
    with torch.autocast("cpu", torch.bfloat16, enabled=_bfloat16()):
        logits: torch.Tensor = model(input_ids=ids, attention_mask=mask).logits
    return logits.float()


def _bfloat16() -> bool:
    """Whether the processor multiplies in bfloat16 by itself: a step then takes half the time."""
    return bool(torch.cpu._is_avx512_bf16_supported())


def _described(archive: Path, split: Split) -> dict[str, object]:
    return {
        "archive": archive.name,
        "sha256": digest(archive),
        "licence": "MIT",
        "sentences": {
            "training": len(split.training),
            "development": len(split.development),
            "held_out": len(split.held_out),
        },
        "split": "first 8 bytes of sha256 of the words, modulo 10: 0 held out, 1 development, others training",
        "neutral_below": data.NEUTRAL_BELOW,
    }


if __name__ == "__main__":
    raise SystemExit(main())
