"""Filter patterns of CloudWatch Logs as far as infra/audit/signals.py uses them, so that tests can ask what they match."""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

_COMPARISON = re.compile(
    r"\$\.(?P<path>[\w.]+) "
    r'(?:(?P<absent>NOT EXISTS)|(?P<operator>=|!=|<) (?:"(?P<text>[^"]*)"|(?P<number>\d+)))'
)


def matches(pattern: str, event: Mapping[str, Any]) -> bool:
    """Whether `pattern` matches `event`.

    Raises LookupError where that hangs on what `!=` means for a field that the event does not have.
    """
    inside = re.fullmatch(r"\{ (.*) \}", pattern)
    assert inside, f"{pattern} is no JSON pattern"
    either = {_decided(inside[1], event, absent_differs=differs) for differs in (True, False)}
    if len(either) > 1:
        raise LookupError(f"{pattern} asks for what the event does not have")
    return either.pop()


def _decided(condition: str, event: Mapping[str, Any], *, absent_differs: bool) -> bool:
    def holds(comparison: re.Match[str]) -> str:
        value = _at(event, comparison["path"])
        if comparison["absent"]:
            return str(value is None)
        if value is None:
            return str(absent_differs and comparison["operator"] == "!=")
        if comparison["operator"] == "<":
            return str(value < int(comparison["number"]))
        same = fnmatchcase(str(value), comparison["text"] or comparison["number"])
        return str(same is (comparison["operator"] == "="))

    boolean = _COMPARISON.sub(holds, condition).replace("&&", "and").replace("||", "or")
    assert re.fullmatch(r"(?:True|False|and|or|[() ])+", boolean), f"{boolean} is left of {condition}"
    return bool(eval(boolean))


def _at(event: Mapping[str, Any], path: str) -> Any:
    value: Any = event
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
