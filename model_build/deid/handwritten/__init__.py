"""Clinical texts written by hand, with their identifiers marked: what no template made.

The recogniser learns from `learn` and `tune`; `develop` shows kinds of errors and chooses thresholds; `report` is only for
measuring, and has a file for each author. In the files an identifier stands
as `Pt [PERSON:Ana Ruiz]`, and a line `---` parts two texts. All people, numbers and small facilities are invented.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from model_build.deid.examples import Example
from services.gateway.deidentify import Span

HandPart = Literal["learn", "tune", "develop", "report"]

MARK = re.compile(r"\[([A-Z]+(?:_[A-Z]+)*):([^\[\]]+)\]")


def texts(part: HandPart) -> Iterator[Example]:
    """Every text of this part, file by file, in the order of each."""
    return (text for path in paths(part) for text in read(path))


def read(path: Path) -> Iterator[Example]:
    """Every text of one file, in its order."""
    for marked in path.read_text(encoding="utf-8").removesuffix("\n").split("\n---\n"):
        yield parse(marked)


def paths(part: HandPart) -> list[Path]:
    """The files that hold this part."""
    return sorted((Path(__file__).parent / part).glob("*.txt"))


def parse(marked: str) -> Example:
    """The text without its markup, and the spans in it."""
    text = ""
    spans = []
    end = 0
    for mark in MARK.finditer(marked):
        text += marked[end : mark.start()]
        spans.append(Span(len(text), len(text) + len(mark[2]), mark[1]))
        text += mark[2]
        end = mark.end()
    return Example(text + marked[end:], tuple(spans))
