"""Many texts from each one that was written by hand to learn from: other people, places and numbers, another style and order."""

import re
from random import Random

from model_build.deid import handwritten
from model_build.deid.background import Variation, pieces
from model_build.deid.examples import Example, Piece, assemble
from model_build.deid.styles import styled
from model_build.deid.values.dates import Dates

_FIGURES = re.compile(r"\d+([/.-])\d+\1\d+")
_SENTENCE = re.compile(r"(?<=[.,;\n]) ?")
_CODES_KEEP = ("PERSON", "LOCATION", "DATE", "AGE", "URL", "IP_ADDRESS", "EMAIL_ADDRESS")


def examples(count: int, rng: Random) -> list[Example]:
    """`count` versions of each text of the parts `learn` and `tune`."""
    vary, dates = Variation(rng), Dates(rng)
    sources = [example for part in ("learn", "tune") for example in handwritten.texts(part)]
    return [_version(example, vary, dates, rng) for example in sources for _ in range(count)]


def _version(example: Example, vary: Variation, dates: Dates, rng: Random) -> Example:
    """One version of a text; what has no identifier has its sentences in another order."""
    if not example.spans and rng.random() < 0.7:
        sentences = _SENTENCE.split(example.text)
        rng.shuffle(sentences)
        example = Example(" ".join(sentences), ())
    varied = [_other(piece, dates, rng) for piece in pieces(vary(pieces(example)))]
    return assemble(styled(varied, rng))


def _other(piece: Piece, dates: Dates, rng: Random) -> Piece:
    """The piece with other figures where it is a date in figures or a code."""
    if piece.type is None or rng.random() < 0.2:
        return piece
    if piece.type == "DATE" and _FIGURES.fullmatch(piece.text):
        return Piece(dates.numeric(), "DATE")
    if piece.type not in _CODES_KEEP:
        return Piece(re.sub(r"\d", lambda _: str(rng.randint(0, 9)), piece.text), piece.type)
    return piece
