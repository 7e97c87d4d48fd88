"""Texts with their identifiers marked, one a line: `Dr. [PERSON:Smith] came`; ⏎ is a line break, ⇥ a tab."""

import re
from pathlib import Path

_MARK = re.compile(r"\[([A-Z_]+):((?:[^\[\]]|\[\w+\])*)\]")
_CASES = Path(__file__).parent / "cases"

Found = list[tuple[str, str]]


def lines(name: str) -> list[str]:
    """The lines of a file of `cases/` without its comments."""
    text = (_CASES / name).read_text("utf-8")
    return [line.replace("⏎", "\n").replace("⇥", "\t") for line in text.splitlines() if not line.startswith("#")]


def plain(marked: str) -> str:
    """The text itself."""
    return _MARK.sub(r"\2", marked)


def expected(marked: str) -> Found:
    """Type and text of each mark."""
    return [(match[1], match[2]) for match in _MARK.finditer(marked)]
