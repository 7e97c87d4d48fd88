"""What the rules have in common: a candidate, and how sure each kind of rule is."""

from collections.abc import Callable, Iterator
from enum import IntEnum
from typing import NamedTuple

from services.gateway.deidentify.view import View


class Certainty(IntEnum):
    """Where candidates overlap the surer one gives the type."""

    GUESSED = 0  # a code that nothing tells the kind of
    LEARNT = 1  # the neural recogniser
    FORMED = 2  # an unmistakable form or a check digit
    LABELLED = 3  # a label before it


class Candidate(NamedTuple):
    """Characters start..end (end excluded) of the view may hold an identifier of this type."""

    start: int
    end: int
    type: str
    certainty: Certainty


Rule = Callable[[View], Iterator[Candidate]]


def listed(words: str) -> tuple[str, ...]:
    """The words of a list that is written with blanks between them."""
    return tuple(words.split())
