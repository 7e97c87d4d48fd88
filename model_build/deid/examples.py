"""Texts with marked identifiers, put together from pieces so that every offset is exact."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.gateway.deidentify import Span

Part = Literal["tune", "report"]
"""What is learnt from and what is only measured on: no template and no name, street or place is in both."""
PARTS: tuple[Part, ...] = ("tune", "report")


IGNORED = "IGNORED"
"""The type of what may or may not be an identifier: training takes no note of it. No generated text has any."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `type` is the entity type when the stretch is an identifier."""

    text: str
    type: str | None = None


@dataclass(frozen=True)
class Example:
    """A text with all of its identifiers, in order and without overlap."""

    text: str
    spans: tuple[Span, ...]


def assemble(pieces: Iterable[Piece]) -> Example:
    """The text of the pieces one after the other; spaces at the edges of an identifier are not part of its span."""
    texts: list[str] = []
    spans: list[Span] = []
    position = 0
    for piece in pieces:
        if piece.type is not None and (core := piece.text.strip()):
            start = position + piece.text.index(core)
            spans.append(Span(start, start + len(core), piece.type))
        texts.append(piece.text)
        position += len(piece.text)
    return Example("".join(texts), tuple(spans))


def join(first: Example, between: str, second: Example) -> Example:
    """Two texts as one."""
    by = len(first.text) + len(between)
    moved = (Span(span.start + by, span.end + by, span.type) for span in second.spans)
    return Example(first.text + between + second.text, (*first.spans, *moved))
