"""Learn the recogniser again: `python -m model_build.deid train`."""

import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import cross_entropy

from model_build.deid.examples import IGNORED, Example
from model_build.deid.network import Network
from services.gateway.deidentify.neural_features import FEATURES, NAMES, Featurizer

SKIPPED = -100
Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Hyperparameters:
    """Chosen on the tune part."""

    texts: int = 35_000
    epochs: int = 5
    minutes: float = 28
    """Training ends then at the latest; the rate of learning falls with the steps or with the time, whichever is ahead."""
    batch_tokens: int = 4_096
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    vocabulary: int = 12_000
    variants: int = 2
    """More versions of an everyday sentence with names in it, with other names."""
    joined: int = 7_000
    """Texts of an everyday sentence and a generated text."""
    frames: int = 12
    """Versions of each text written by hand to learn from, with other names, places and numbers."""
    longest: int = 512
    """Tokens of a text that training reads."""
    unknown_words: float = 0.18
    """Of words that are in no identifier, as often as in texts written by hand; of signs and numbers, a tenth as many."""
    unlisted_names: float = 0.25
    """Names that leave their lists; of those that are words as well, a quarter as many."""
    unlisted_words: float = 0.05
    missing_affixes: float = 0.05
    exchanged_words: float = 0.06
    cropped_texts: float = 0.35
    seed: int = 0


@dataclass(frozen=True)
class Rows:
    """A text as the network reads it."""

    features: NDArray[np.int32]
    labels: NDArray[np.int64]


def label_names(types: Sequence[str]) -> list[str]:
    """O, then B-type and I-type of each."""
    return ["O", *(f"{mark}-{kind}" for kind in types for mark in "BI")]


def rows(example: Example, featurizer: Featurizer, labels: Sequence[str], longest: int) -> Rows:
    """Features and label of each token; a token that a span touches belongs to it."""
    tokens = featurizer(example.text)
    found = np.zeros(len(tokens.starts), dtype=np.int64)
    spans = iter(example.spans)
    span, fresh = next(spans, None), True
    for index, (start, end) in enumerate(zip(tokens.starts, tokens.ends, strict=True)):
        while span is not None and span.end <= start:
            span, fresh = next(spans, None), True
        if span is not None and end > span.start:
            if span.type == IGNORED:
                found[index] = SKIPPED
            else:
                found[index] = labels.index(f"{'B' if fresh else 'I'}-{span.type}")
            fresh = False
    return Rows(tokens.features[:longest], found[:longest])


def fit(
    data: Sequence[Rows], featurizer: Featurizer, labels: int, parameters: Hyperparameters, say: Progress
) -> Network:
    """A network that has read `data` for some epochs."""
    torch.manual_seed(parameters.seed)
    rng = random.Random(parameters.seed)  # noqa: S311 - not for secrets
    network = Network(featurizer.rows, labels)
    steps = parameters.epochs * sum(1 for _ in _batches(data, parameters, random.Random(0)))  # noqa: S311
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=parameters.learning_rate, weight_decay=parameters.weight_decay, fused=True
    )
    noise = Noise(featurizer, parameters)
    started, done, total = time.monotonic(), 0, 0.0

    def gone() -> float:
        """How much of the training is over."""
        return max(done / steps, (time.monotonic() - started) / 60 / parameters.minutes)

    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, (step + 1) / 200) * (0.02 + 0.98 * (1 + math.cos(math.pi * min(1.0, gone()))) / 2),
    )
    network.train()
    for _ in range(parameters.epochs):
        for batch in _batches(data, parameters, rng):
            if gone() >= 1:
                break
            features, targets, mask = _padded([_cropped(data[index], parameters, rng) for index in batch])
            with torch.autocast("cpu", torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported()):
                scores = network(noise(features, targets), mask)
            loss = cross_entropy(scores.float().flatten(0, 1), targets.flatten(), ignore_index=SKIPPED)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            done, total = done + 1, total + loss.item()
            if done % 200 == 0:
                say(f"step {done} of {steps}, loss {total / 200:.4f}, {gone():.0%} of the time or steps")
                total = 0.0
    network.eval()
    return network


class Noise:
    """Hides what serving may not know either: words become unknown, names leave their lists, affixes go missing."""

    def __init__(self, featurizer: Featurizer, parameters: Hyperparameters) -> None:
        self._parameters = parameters
        self._no_affix = featurizer.affix_rows.start
        self._list_row = featurizer.list_row

    def __call__(self, features: Tensor, targets: Tensor) -> Tensor:
        """A changed copy of `features`."""
        features = features.clone()
        shape = features.shape[:2]
        named = targets > 0
        self._exchange(features, targets)
        word = features[..., 1] != self._no_affix
        rate = self._parameters.unknown_words
        unknown = torch.rand(shape) < torch.where(named, 0.3, torch.where(word, rate, rate / 10))
        features[..., 0].masked_fill_(unknown, 0)
        affixes = features[..., 1:5]
        affixes.masked_fill_(torch.rand(affixes.shape) < self._parameters.missing_affixes, self._no_affix)
        bits = features[..., 5] - self._list_row
        rate = self._parameters.unlisted_names
        unlisted = named & (torch.rand(shape) < torch.where(bits & ~NAMES == 0, rate, rate / 4))
        forgotten = (targets == 0) & (torch.rand(shape) < self._parameters.unlisted_words)
        features[..., 0].masked_fill_(forgotten, 0)
        bits = torch.where(forgotten, 0, torch.where(unlisted, bits & ~NAMES, bits))
        features[..., 5] = bits + self._list_row
        return features

    def _exchange(self, features: Tensor, targets: Tensor) -> None:
        """Puts other words of the batch in the place of some that are in no identifier."""
        places = ((targets == 0) & (torch.rand(targets.shape) < self._parameters.exchanged_words)).nonzero(
            as_tuple=True
        )
        others = torch.randperm(len(places[0]))
        words = features[places]
        words[:, :-1] = words[others, :-1]
        features[places] = words


def predict(network: Network, data: Sequence[Rows]) -> Iterator[NDArray[np.float32]]:
    """Probability of every label for every token of each text."""
    with torch.no_grad():
        for row in data:
            scores = network(torch.from_numpy(row.features)[None])[0]
            yield scores.softmax(-1).numpy()


def _batches(data: Sequence[Rows], parameters: Hyperparameters, rng: random.Random) -> Iterator[list[int]]:
    """Indices of texts of like length, with about as many tokens in each batch, in random order."""
    order = sorted(range(len(data)), key=lambda index: len(data[index].labels) * rng.uniform(0.9, 1.1))
    batches: list[list[int]] = [[]]
    for index in order:
        longest = len(data[index].labels)
        if batches[-1] and longest * (len(batches[-1]) + 1) > parameters.batch_tokens:
            batches.append([])
        batches[-1].append(index)
    rng.shuffle(batches)
    return iter(batches)


def _cropped(row: Rows, parameters: Hyperparameters, rng: random.Random) -> Rows:
    """Some texts without their beginning or end, so that a template's frame is not always there."""
    length = len(row.labels)
    if length < 4 or rng.random() > parameters.cropped_texts:
        return row
    start = rng.randrange(length // 2)
    end = rng.randint(start + 2, length)
    return Rows(row.features[start:end], row.labels[start:end])


def _padded(batch: Sequence[Rows]) -> tuple[Tensor, Tensor, Tensor]:
    longest = max(len(row.labels) for row in batch)
    features = np.zeros((len(batch), longest, FEATURES), dtype=np.int32)
    labels = np.full((len(batch), longest), SKIPPED, dtype=np.int64)
    mask = np.zeros((len(batch), longest, 1), dtype=np.float32)
    for index, row in enumerate(batch):
        length = len(row.labels)
        features[index, :length], labels[index, :length], mask[index, :length] = row.features, row.labels, 1
    return torch.from_numpy(features), torch.from_numpy(labels), torch.from_numpy(mask)


def take(texts: Iterator[Example], count: int) -> list[Example]:
    """The next `count` texts."""
    return list(islice(texts, count))
