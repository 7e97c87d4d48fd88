"""Templates: `{slot}`, `<symbol>`, `(this|that|)`, and `\\` before a character that is meant as it is.

A grammar file has sections `[symbol]` with one template a line; `\\n` is a line break and `\\t` a tab. The templates of
a section are split between the parts by hash, except where the section's name ends in `*`: small lists of labels and
turns of phrase that every text has; or in `!`: templates to learn from, which no text that is measured on has.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random

from model_build.deid.examples import Part, Piece
from model_build.deid.lexicons import part_of_template
from model_build.deid.slots import Filler

_FILES = ("labels", "clinical", "blocks", "fragments", "feedback", "notes", "lessons")
_TOKEN = re.compile(r"\\.|[(|)]|\{\w+\}|<[\w.]+>|[^\\(|){<]+|[{<]")
_ESCAPES = {"\\n": "\n", "\\t": "\t"}


class GrammarError(Exception):
    """A template is malformed, or names a symbol that no section defines."""


@dataclass(frozen=True)
class Text:
    """Text as it stands."""

    text: str


@dataclass(frozen=True)
class Slot:
    """A value."""

    name: str


@dataclass(frozen=True)
class Symbol:
    """One template of the section of that name."""

    name: str


@dataclass(frozen=True)
class Choice:
    """One of several sequences."""

    options: tuple["Sequence_", ...]


Node = Text | Slot | Symbol | Choice
Sequence_ = tuple[Node, ...]
Grammar = Mapping[str, tuple[Sequence_, ...]]


@cache
def grammar(part: Part) -> Grammar:
    """The templates of `part`, parsed; every section has some."""
    sections: dict[str, list[Sequence_]] = {}
    for name, line, shared in _lines():
        if shared == "!" and part != "tune":
            continue
        kept = sections.setdefault(name, [])
        if shared or part_of_template(f"{name} {line}") == part:
            kept.append(parse(line))
    if empty := [name for name, templates in sections.items() if not templates]:
        raise GrammarError(f"The section {empty[0]} has no template for {part}: add lines or mark it with *.")
    return {name: tuple(templates) for name, templates in sections.items()}


def parse(line: str) -> Sequence_:
    """One template as nodes."""
    stack: list[list[list[Node]]] = [[[]]]
    for mark in _TOKEN.findall(line):
        if mark == "(":
            stack.append([[]])
        elif mark == "|" and len(stack) > 1:
            stack[-1].append([])
        elif mark == ")" and len(stack) > 1:
            options = stack.pop()
            stack[-1][-1].append(Choice(tuple(tuple(option) for option in options)))
        else:
            stack[-1][-1].append(_leaf(mark))
    if len(stack) != 1:
        raise GrammarError(f"Close the brackets of the template {line!r}.")
    return tuple(stack[0][0])


def expand(nodes: Sequence_, rng: Random, templates: Grammar, slots: Mapping[str, Filler]) -> Iterator[Piece]:
    """The pieces of one text."""
    for node in nodes:
        match node:
            case Text(text):
                yield Piece(text)
            case Slot(name):
                yield from slots[name]()
            case Symbol(name):
                yield from expand(rng.choice(templates[name]), rng, templates, slots)
            case Choice(options):
                yield from expand(rng.choice(options), rng, templates, slots)


def _leaf(token: str) -> Node:
    if token.startswith("{") and token.endswith("}"):
        return Slot(token[1:-1])
    if token.startswith("<") and token.endswith(">"):
        return Symbol(token[1:-1])
    return Text(_ESCAPES.get(token, token[1:])) if token.startswith("\\") else Text(token)


def _lines() -> Iterator[tuple[str, str, str]]:
    """Section, line and the mark of the section: `*`, `!` or none."""
    name = shared = ""
    for file in _FILES:
        for line in files(__package__).joinpath("grammar", f"{file}.txt").read_text("utf-8").splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("[") and line.endswith("]"):
                shared = line[-2] if line[-2] in "*!" else ""
                name = line.strip("[]*!")
            else:
                yield name, line, shared
