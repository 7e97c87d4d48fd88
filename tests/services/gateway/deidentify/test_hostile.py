"""Texts that were made to cost time: the longest that the API takes, of the pieces that patterns could try in many ways."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from services.gateway.deidentify import rules as package
from services.gateway.deidentify.spans import SpanFinder
from services.gateway.deidentify.view import view
from services.http.schemas import MAX_CHARACTERS
from tests.services.gateway.deidentify.conftest import NoRecognizer

PIECES = (
    *(
        "1",
        "a",
        "A",
        " ",
        "1 ",
        "1-",
        "1/",
        "1.",
        "a.",
        "a-",
        "a@",
        "A ",
        "Ab ",
        "Ab, ",
        "12:",
        "::",
        "x@y.",
        "(1) ",
        "+1 ",
        "\n",
    ),
    *(
        "MRN ",
        "no no ",
        "Dr. A. ",
        "1 Ab ",
        "1 Ab St ",
        "on the ",
        "may 1 ",
        "1/1-",
        "ID: ",
        "90 ",
        "ab at ",
        "(01)1",
        "seen by ",
        "is ",
        "# ",
    ),
    *(
        "=A1",
        "1,",
        "Ab of ",
        "zip ",
        "fax ",
        "last four ",
        "nineteen ",
        "card ending ",
        "\u200b1",
        "é",
        "1st ",
        "Ab and ",
        "10/10 ",
    ),
)


@pytest.mark.parametrize("piece", PIECES, ids=repr)
def test_no_text_takes_longer_than_the_limit(piece: str) -> None:
    """The finder raises where it takes too long; it doesn't on the longest text of any of these."""
    text = (piece * MAX_CHARACTERS)[:MAX_CHARACTERS]
    SpanFinder(NoRecognizer(), time_limit_s=2.0).spans(view(text))


def test_a_text_that_takes_too_long_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """It fails closed: no spans are given back after the limit."""
    times = iter(range(0, 1000, 10))
    monkeypatch.setattr("services.gateway.deidentify.spans.time.monotonic", lambda: next(times))
    with pytest.raises(TimeoutError) as failure:
        SpanFinder(NoRecognizer(), time_limit_s=5).spans(view("Mary Jones, MRN 00482913"))
    assert "Mary" not in str(failure.value)


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every compiled pattern of the rules by module, those in tables included."""
    for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
        if path.stem != "__init__":
            for value in vars(import_module(f"{package.__name__}.{path.stem}")).values():
                for each in value.values() if isinstance(value, dict) else [value]:
                    if isinstance(each, re.Pattern):
                        yield path.stem, each


def unbounded(parsed: Any) -> bool:
    """Whether a repetition without an upper bound stands inside of another one."""
    return any(_repeats(node, inside=False) for node in parsed)


def _repeats(node: Any, *, inside: bool) -> bool:
    operation, argument = node
    if operation in (_parser.MAX_REPEAT, _parser.MIN_REPEAT):
        _, most, body = argument
        endless = most == _parser.MAXREPEAT
        return (endless and inside) or any(_repeats(each, inside=inside or endless) for each in body)
    bodies = [argument] if not isinstance(argument, (tuple, list)) else argument
    parts = [each for body in bodies for each in (body if isinstance(body, (list, _parser.SubPattern)) else [body])]
    return any(_repeats(part, inside=inside) for part in parts if isinstance(part, tuple) and len(part) == 2)


def test_no_repetition_without_end_is_repeated() -> None:
    """What makes matching exponential, an endless repetition within a repetition, is in no pattern."""
    found = list(patterns())
    assert len(found) > 60
    assert [
        f"{module}: {pattern.pattern[:60]}" for module, pattern in found if unbounded(_parser.parse(pattern.pattern))
    ] == []
    assert unbounded(_parser.parse("(?:a+)+b"))
