"""Documents in one string, such as IAM policies and configuration files: changed inside, one thing at a time."""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any

import yaml

Place = tuple[str | int, ...]
MOST_DESCENDED = 30
"""Of objects and lists with more parts than this each part is removed, but nothing inside a part."""


def document(text: str) -> Any:
    """What a string holds, where that is an object of JSON or YAML; None where it is plain text, or a filter in braces."""
    if "{" not in text and "\n" not in text:
        return None
    try:
        parsed = yaml.safe_load(text)  # which reads JSON too
    except yaml.YAMLError:
        return None
    holds = isinstance(parsed, Mapping) and any(value is not None for value in parsed.values())
    return parsed if holds else None


def changed_documents(text: str, unsafe: Mapping[str, Sequence[Any]]) -> Iterator[tuple[str, str]]:
    """Every changed document, and what was done where in it; `unsafe` are parts to add, by a part that is there."""
    parsed = document(text)
    every = _policy(parsed) if "Statement" in parsed else _settings(parsed)
    for what, place, value in every:
        yield f"in it, {_named(parsed, place)} {what}", json.dumps(_changed(parsed, place, value))
    for worse in (part for name, parts in unsafe.items() if name in parsed for part in parts):
        yield f"in it, {', '.join(worse)} made worse", json.dumps({**parsed, **worse})


_GONE = object()


def _policy(parsed: Any) -> Iterator[tuple[str, Place, Any]]:
    """A policy document that lets more people do more, or refuses less."""
    listed = parsed["Statement"]
    statements = [((), listed)] if isinstance(listed, Mapping) else [((i,), item) for i, item in enumerate(listed)]
    yield "emptied", ("Statement",), []
    for index, statement in statements:
        where = ("Statement", *index)
        if index:
            yield "removed", where, _GONE
        yield "turned round", (*where, "Effect"), "Deny" if statement["Effect"] == "Allow" else "Allow"
        if statement["Effect"] == "Allow":
            yield "set to every action", (*where, "Action"), "*"
        for key in ("Principal", "Resource"):
            if key in statement and statement["Effect"] == "Allow" and statement[key] != "*":
                yield "set to *", (*where, key), "*"
        yield from _conditions((*where, "Condition"), statement.get("Condition") or {})


def _conditions(where: Place, conditions: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, Place, Any]]:
    if conditions:
        yield "removed", where, _GONE
    for operator, block in conditions.items():
        for key in block:
            yield "removed", (*where, operator, key), _GONE
            yield "set to *", (*where, operator, key), "*"


def _settings(parsed: Any, where: Place = ()) -> Iterator[tuple[str, Place, Any]]:
    """Any other document without one of its parts, or with one of its switches the other way."""
    for key, value in parsed.items() if isinstance(parsed, Mapping) else enumerate(parsed):
        yield "removed", (*where, key), _GONE
        if isinstance(value, bool) or value in ("true", "false"):
            yield "flipped", (*where, key), not value if isinstance(value, bool) else "false"
        if isinstance(value, Mapping | list) and len(parsed) <= MOST_DESCENDED:
            yield from _settings(value, (*where, key))


def _changed(parsed: Any, place: Place, value: Any) -> Any:
    copy = deepcopy(parsed)
    *parents, last = place
    inner = copy
    for part in parents:
        inner = inner[part]
    if value is _GONE:
        del inner[last]
    else:
        inner[last] = value
    return copy


def _named(parsed: Any, place: Place) -> str:
    """The place for people, who are told where a statement is one that denies."""
    written = _written(place)
    listed = parsed.get("Statement")
    index = place[1] if len(place) > 1 else None
    statement = listed[index] if isinstance(listed, list) and isinstance(index, int) else listed
    denies = isinstance(statement, Mapping) and statement.get("Effect") == "Deny" and index is not None
    return f"denying {written}" if denies else written


def _written(place: Place) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
