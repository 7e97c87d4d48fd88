"""The human-rated sentences that the offline model learns from and is measured on, split by a hash of their words.

They are the ground truth of Hutto and Gilbert (ICWSM 2014), shipped under the MIT licence inside vaderSentiment's
source distribution: rated by at least twenty people each, from -4 (extremely negative) to 4 (extremely positive).
"""

import hashlib
import html
import re
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from model_build.errors import BuildError

NEUTRAL_BELOW = 0.5
"""People do not agree on the side of a sentence whose mean rating is nearer to zero: accuracy leaves it out."""

_INNER = "additional_resources/hutto_ICWSM_2014.tar.gz"
_FILES = {
    "films": "movieReviewSnippets_GroundTruth.txt",
    "products": "amazonReviewSnippets_GroundTruth.txt",
    "news": "nytEditorialSnippets_GroundTruth.txt",
    "tweets": "tweets_GroundTruth.txt",
}
SOURCES = tuple(_FILES)
_HELD_OUT, _DEVELOPMENT, _SHARES = 0, 1, 10


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """One sentence with the mean of its ratings (-4 to 4) and the source it comes from."""

    text: str
    rating: float
    source: str

    @property
    def label(self) -> int:
        """1 for a positive rating, else 0."""
        return int(self.rating > 0)

    @property
    def labelled(self) -> bool:
        """Whether people agree on its side: its rating is at least NEUTRAL_BELOW away from zero."""
        return abs(self.rating) >= NEUTRAL_BELOW

    @property
    def share(self) -> int:
        """Which tenth (0 to 9) it falls into, fixed by the hash of its words alone."""
        return int.from_bytes(hashlib.sha256(_words(self.text).encode()).digest()[:8], "big") % _SHARES


@dataclass(frozen=True, kw_only=True)
class Split:
    """Three parts that share no sentence: what is learnt, what chooses hyperparameters, what is reported."""

    training: tuple[Sentence, ...]
    development: tuple[Sentence, ...]
    held_out: tuple[Sentence, ...]


def load(archive: Path) -> Split:
    """Read vaderSentiment's source distribution; raises BuildError where it is not what it should be.

    Sentences with the same words (case, punctuation and spaces aside) are one sentence with the mean of their ratings,
    so that none is on both sides of the split. Development and held-out parts hold labelled sentences only.
    """
    try:
        sentences = list(_unique(_read(archive)))
    except (OSError, KeyError, ValueError, tarfile.TarError) as error:
        raise BuildError(
            f"{archive.name} is not the source distribution of vaderSentiment 3.3.2: delete it and build again."
        ) from error
    return Split(
        training=tuple(s for s in sentences if s.share not in (_HELD_OUT, _DEVELOPMENT)),
        development=tuple(s for s in sentences if s.share == _DEVELOPMENT and s.labelled),
        held_out=tuple(s for s in sentences if s.share == _HELD_OUT and s.labelled),
    )


def _read(archive: Path) -> Iterator[Sentence]:
    with tarfile.open(archive) as outer:
        inner = _member(outer, _INNER)
        with tarfile.open(fileobj=inner) as data:
            for source, file in _FILES.items():
                for line in _member(data, file).read().decode("utf-8", errors="replace").splitlines():
                    _, rating, text = line.split("\t")
                    yield Sentence(text=" ".join(html.unescape(text).split()), rating=float(rating), source=source)


def _member(archive: tarfile.TarFile, ending: str) -> IO[bytes]:
    name = next((name for name in archive.getnames() if name.endswith(f"/{ending}")), ending)
    member = archive.extractfile(name)
    if member is None:
        raise KeyError(name)
    return member


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold())) or text


def _unique(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    groups: dict[str, list[Sentence]] = {}
    for sentence in sentences:
        groups.setdefault(_words(sentence.text), []).append(sentence)
    for group in groups.values():
        rating = sum(sentence.rating for sentence in group) / len(group)
        yield Sentence(text=group[0].text, rating=rating, source=group[0].source)
