"""Templates of the table of resource types: `{name}` in strings stands for a value of the scope."""

import re
from collections.abc import Callable, Mapping
from typing import Any

_NAME = re.compile(r"\{(\w+)\}")


class MissingError(KeyError):
    """A name without a value in the scope."""


def fill(template: Any, scope: Mapping[str, Any]) -> Any:
    """The template with the scope's values; raises MissingError for a name without a value.

    A string that is one name keeps its value's type. Of a map's entries, those with a missing name are left out.
    """
    if isinstance(template, str):
        whole = _NAME.fullmatch(template)
        return _value(whole[1], scope) if whole else _NAME.sub(lambda found: str(_value(found[1], scope)), template)
    if isinstance(template, list):
        return [fill(item, scope) for item in template]
    if isinstance(template, Mapping):
        return fill_map(template, scope)
    if callable(template):
        return _computed(template, scope)
    return template


def _computed(function: Callable[[Mapping[str, Any]], Any], scope: Mapping[str, Any]) -> Any:
    try:
        value = function(scope)
    except KeyError as error:
        raise MissingError(error.args[0]) from None
    if value is None:
        raise MissingError(function.__name__)
    return value


def fill_map(template: Mapping[str, Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    """Every entry whose names all have values."""
    filled = {}
    for key, item in template.items():
        try:
            filled[key] = fill(item, scope)
        except MissingError:
            continue
    return filled


def parse(template: str, text: str) -> dict[str, str]:
    """The inverse of `fill` for an id: the values of its names; empty where the text does not fit the template."""
    pattern = "".join(
        f"(?P<{part[1:-1]}>.+?)" if _NAME.fullmatch(part) else re.escape(part)
        for part in re.split(r"(\{\w+\})", template)
    )
    found = re.fullmatch(pattern, text)
    return found.groupdict() if found else {}


def _value(name: str, scope: Mapping[str, Any]) -> Any:
    value = scope.get(name)
    if value is None:
        raise MissingError(name)
    return value
