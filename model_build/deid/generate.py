"""Synthetic texts with marked identifiers: `python -m model_build.deid generate`."""

from collections.abc import Iterator
from random import Random

from model_build.deid.examples import Example, Part, assemble
from model_build.deid.grammar import expand, grammar, parse
from model_build.deid.slots import fillers
from model_build.deid.styles import styled


def examples(seed: int, count: int, part: Part) -> Iterator[Example]:
    """`count` texts of `part`, the same for the same seed."""
    rng = Random(f"{part}-{seed}")  # noqa: S311 - not for secrets
    templates, slots, start = grammar(part), fillers(rng, part), parse("<text>")
    for _ in range(count):
        yield assemble(styled(list(expand(start, rng, templates, slots)), rng))
