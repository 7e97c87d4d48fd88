"""The ways in which one value can be made worse."""

from collections.abc import Iterator
from functools import cache
from ipaddress import ip_network
from pathlib import Path as File
from typing import Any

import yaml

from tests.policies.mutation.documents import changed_documents, document
from tests.policies.mutation.tracing import Path

ABSENT = object()
REMOVED = object()
OTHER = "mutated"
Change = tuple[str, Any]
"""What was done, in a few words, and the new value."""


@cache
def _unsafe() -> dict[str, dict[str, list[Any]]]:
    found: dict[str, dict[str, list[Any]]] = yaml.safe_load((File(__file__).parent / "unsafe.yaml").read_text())
    return found


def unsafe(section: str, kind: str, path: Path) -> list[Any] | None:
    """What unsafe.yaml has for a property of a type, such as `ClusterRole`; None where it does not speak of it."""
    name = property_name(path)
    return _unsafe()[section].get(f"{kind}.{name}", _unsafe()[section].get(name))


def property_name(path: Path) -> str:
    """The name of the property that the path leads to, or to an element of."""
    return next(str(part) for part in reversed(path) if isinstance(part, str))


def changes(kind: str, path: Path, value: Any) -> Iterator[Change]:
    """Every way to make the value at this path of a type worse; REMOVED takes it away."""
    if value is ABSENT:
        yield from ((f"now {worse!r}", worse) for worse in unsafe("values", kind, path) or ())
        yield from ((f"now {[worse]!r}", [worse]) for worse in unsafe("elements", kind, path) or ())
        return
    yield from _of_its_kind(path, value)
    yield from _worse(kind, path, value)
    if isinstance(path[-1], str):
        yield "removed", REMOVED


def _worse(kind: str, path: Path, value: Any) -> Iterator[Change]:
    if isinstance(value, list):
        yield from ((f"and {worse!r} more", [*value, worse]) for worse in unsafe("elements", kind, path) or ())
        return
    section = "values" if isinstance(path[-1], str) else "elements"
    yield from ((f"now {worse!r}", worse) for worse in unsafe(section, kind, path) or () if worse != value)


def _of_its_kind(path: Path, value: Any) -> Iterator[Change]:
    if isinstance(value, bool):
        yield "flipped", not value
    elif isinstance(value, int | float):
        yield "ten times as much", value * 10
        yield "a tenth", value // 10
    elif isinstance(value, str):
        yield from changed_documents(value, _unsafe()["documents"]) if document(value) else _of_text(value)
    elif isinstance(value, list):
        yield from _of_list(value)
    elif isinstance(value, dict) and value:
        yield "emptied", {}


def _of_text(value: str) -> Iterator[Change]:
    if value in ("true", "false"):
        yield "flipped", "false" if value == "true" else "true"
    elif _network(value):
        yield "everybody's addresses", "::/0" if ":" in value else "0.0.0.0/0"
    else:
        yield "another string", OTHER


def _of_list(value: list[Any]) -> Iterator[Change]:
    if value:
        yield "emptied", []
    for index in range(len(value)) if len(value) > 1 else ():
        yield f"element[{index}] dropped", [*value[:index], *value[index + 1 :]]


def _network(value: str) -> bool:
    try:
        ip_network(value, strict=False)
    except ValueError:
        return False
    return True
