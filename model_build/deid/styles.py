"""How people write: all capitals, all small letters, typing errors, missing punctuation, odd spaces and line breaks."""

import re
from collections.abc import Iterable, Iterator
from random import Random

from model_build.deid.examples import Piece

_WORD = re.compile(r"[a-zA-Z]{5,}")
_WRAP = 60


def styled(pieces: list[Piece], rng: Random) -> list[Piece]:
    """`pieces` as somebody might have typed them: about two in five stay as they are."""
    draw = rng.random()
    if draw < 0.09:
        pieces = [Piece(_upper(piece.text), piece.type) for piece in pieces]
    elif draw < 0.24:
        pieces = [Piece(piece.text.lower(), piece.type) if _lowers(piece) else piece for piece in pieces]
    elif draw < 0.3:
        pieces = [Piece(piece.text.lower(), piece.type) if piece.type in _NAMES else piece for piece in pieces]
    elif draw < 0.34:
        pieces = [Piece(_upper(piece.text), piece.type) if piece.type in _NAMES else piece for piece in pieces]
    elif draw < 0.36:
        pieces = [Piece(piece.text.title() if piece.type is None else piece.text, piece.type) for piece in pieces]
    if rng.random() < 0.12:
        pieces = [Piece(_typing(piece.text, rng, 0.3 if piece.type else 0.08), piece.type) for piece in pieces]
    if rng.random() < 0.12:
        pieces = [Piece(piece.text if piece.type else _bare(piece.text, rng), piece.type) for piece in pieces]
    if rng.random() < 0.06:
        pieces = [
            Piece(piece.text.replace(" ", "  ") if rng.random() < 0.4 else piece.text, piece.type) for piece in pieces
        ]
    if rng.random() < 0.08:
        pieces = list(_wrapped(pieces, rng))
    return pieces


_NAMES = frozenset({"PERSON", "LOCATION"})
_KEEPS_CASE = frozenset({"HEALTH_PLAN_NUMBER", "LICENSE_NUMBER", "VEHICLE_ID", "DEVICE_ID", "ID"})


def _lowers(piece: Piece) -> bool:
    return piece.type not in _KEEPS_CASE


def _upper(text: str) -> str:
    return text.upper()


def _typing(text: str, rng: Random, rate: float) -> str:
    """Some longer words with two letters exchanged, or one missing or doubled."""

    def change(match: re.Match[str]) -> str:
        word = match[0]
        if rng.random() > rate:
            return word
        at = rng.randint(1, len(word) - 2)
        return rng.choice(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
            )
        )

    return _WORD.sub(change, text)


def _bare(text: str, rng: Random) -> str:
    """Without some of its full stops, commas and colons."""
    return "".join(c for c in text if c not in ".,:" or rng.random() < 0.4)


def _wrapped(pieces: Iterable[Piece], rng: Random) -> Iterator[Piece]:
    """Broken into lines at about `_WRAP` characters, within names and addresses too."""
    column = 0
    for piece in pieces:
        kept = []
        for character in piece.text:
            column += 1
            if character == " " and column > _WRAP - rng.randint(0, 20):
                character, column = "\n", 0
            kept.append(character)
        yield Piece("".join(kept), piece.type)
