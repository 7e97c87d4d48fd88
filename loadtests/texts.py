"""`python -m loadtests.texts`: choose the texts that the load tests send, and write `data/texts.json`.

Who writes about a hospital stay writes a sentence or a page, so the lengths are mixed as SHAPES says: sentences as they
stand, and passages of consecutive sentences of product reviews and editorials, to about 250 tokens of the model. They come
from the human-rated sentences that the model build downloads (`model_build.data`, MIT licence), of its training part
alone; a few are this repository's own (`data/feedback.json`). Every text passes the gateway's check for English. The same
sources give the same file.
"""

import hashlib
import json
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

DATA = Path(__file__).parent / "data"
OUTPUT, FEEDBACK = DATA / "texts.json", DATA / "feedback.json"
COUNT = 512


@dataclass(frozen=True)
class Shape:
    """A share of the texts, in per cent, and the words that each of them has."""

    percent: int
    words: range
    joined: bool = True
    """Whether consecutive sentences are joined; else one sentence stands alone."""


SHAPES = (
    Shape(40, range(4, 60), joined=False),
    Shape(30, range(25, 60)),
    Shape(20, range(60, 120)),
    Shape(10, range(120, 180)),
)
"""180 words are about 250 tokens; the model reads 256."""


def choose(sources: Mapping[str, Sequence[str]], own: Sequence[str], accepts: Callable[[str], bool]) -> list[str]:
    """COUNT texts that `accepts` takes, `own` among them, in an order that mixes lengths and sources everywhere."""
    chosen = list(own)
    for shape in SHAPES:
        wanted = round(COUNT * shape.percent / 100) - (0 if shape.joined else len(own))
        found = sorted(set(_candidates(sources, shape)).difference(chosen), key=_drawn)
        chosen += islice(filter(accepts, found), wanted)
    return sorted(chosen, key=lambda text: _drawn(f"order {text}"))


def _candidates(sources: Mapping[str, Sequence[str]], shape: Shape) -> Iterator[str]:
    for source, sentences in sources.items():
        if not shape.joined:
            yield from (text for text in sentences if len(text.split()) in shape.words)
        elif source in ("products", "news"):
            yield from _passages(sentences, shape.words)


def _passages(sentences: Sequence[str], words: range) -> Iterator[str]:
    """Runs of consecutive sentences, none in two of them, each as long as its first words' hash draws from `words`."""
    run: list[str] = []
    for sentence in sentences:
        run.append(sentence)
        length = len(" ".join(run).split())
        target = words.start + int(_drawn(run[0])[:8], 16) % len(words)
        if length >= target:
            if length in words:
                yield " ".join(run)
            run = []


def _drawn(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _summary(texts: Sequence[str]) -> str:
    words = sorted(len(text.split()) for text in texts)
    deciles = statistics.quantiles(words, n=10)
    spread = f"{words[0]} to {words[-1]} words, median {statistics.median(words):.0f}, ninth decile {deciles[8]:.0f}"
    return f"{len(texts)} texts of {spread}"


def main() -> int:
    """Write the file and say what is in it; 1 and one sentence where the sentences cannot be had."""
    from local.paths import CACHE
    from model_build import data, downloads
    from model_build.errors import BuildError
    from services.gateway.deidentify.language import EnglishCheck

    try:
        split = data.load(downloads.sentences(CACHE / "downloads"))
    except BuildError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sources = {source: [s.text for s in split.training if s.source == source] for source in data.SOURCES}
    english = EnglishCheck()
    texts = choose(sources, json.loads(FEEDBACK.read_text()), english.passes)
    OUTPUT.write_text(json.dumps(texts, indent=1, ensure_ascii=False) + "\n")
    sys.stdout.write(f"{OUTPUT.name}: {_summary(texts)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
