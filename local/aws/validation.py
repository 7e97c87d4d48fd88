"""Inputs checked against pulumi-aws's own types: unknown names, missing inputs, wrong types, each in one sentence."""

import difflib
import enum
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from local.aws.codec import Asset, Secret, Unknown
from local.aws.schema import Field, fields, is_object

_NAMES: dict[Any, str] = {str: "a string", bool: "a boolean", int: "a whole number", float: "a number"}


@dataclass(frozen=True)
class Failure:
    """What is wrong with one input: its path (`vpcConfig.subnetIds[0]`) and the rest of a sentence about it."""

    path: str
    reason: str


def check(inputs: Mapping[str, Any], declared: Mapping[str, Field]) -> list[Failure]:
    """Everything that is wrong with the inputs of a resource; unknown values pass, because nothing is known of them."""
    given = {name: value for name, value in inputs.items() if not name.startswith("__")}
    return list(_check_object(given, declared, ""))


def _check_object(value: Mapping[str, Any], declared: Mapping[str, Field], path: str) -> Iterator[Failure]:
    for name, item in value.items():
        where = f"{path}.{name}" if path else name
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f" — did you mean '{near[0]}'?" if near else ""
            yield Failure(where, f"unknown input '{where}'{hint}")
        elif item is not None:
            yield from _check_value(item, declared[name].type, where)
    for name, field in declared.items():
        if field.required and value.get(name) is None:
            where = f"{path}.{name}" if path else name
            yield Failure(where, f"missing required input '{where}'")


def _check_value(value: Any, kind: Any, path: str) -> Iterator[Failure]:
    if isinstance(value, Secret):
        value = value.value
    if isinstance(value, Unknown) or value is None or kind is Any:
        return
    origin = typing.get_origin(kind)
    if origin is typing.Union:
        if all(list(_check_value(value, choice, path)) for choice in typing.get_args(kind)):
            yield from _check_value(value, typing.get_args(kind)[0], path)
    elif origin is Sequence:
        yield from _check_list(value, typing.get_args(kind)[0], path)
    elif origin is Mapping:
        yield from _check_map(value, typing.get_args(kind)[1], path)
    elif is_object(kind):
        if isinstance(value, Mapping):
            yield from _check_object(value, fields(kind), path)
        else:
            yield _wrong(value, "an object", path)
    elif not _fits(value, kind):
        yield _wrong(value, _NAMES.get(kind, "an asset or archive"), path)


def _check_list(value: Any, item: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, list):
        yield _wrong(value, "a list", path)
        return
    for index, entry in enumerate(value):
        yield from _check_value(entry, item, f"{path}[{index}]")


def _check_map(value: Any, item: Any, path: str) -> Iterator[Failure]:
    if not isinstance(value, Mapping):
        yield _wrong(value, "a map", path)
        return
    for key, entry in value.items():
        yield from _check_value(entry, item, f"{path}[{key!r}]")


def _fits(value: Any, kind: Any) -> bool:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return isinstance(value, str)
    if kind in (pulumi.Asset, pulumi.Archive):
        return isinstance(value, Asset)
    if kind is bool:
        return isinstance(value, bool)
    if kind in (int, float):
        return isinstance(value, int if kind is int else int | float) and not isinstance(value, bool)
    return isinstance(value, str) if kind is str else True


def _wrong(value: Any, expected: str, path: str) -> Failure:
    kinds = {dict: "an object", list: "a list", Asset: "an asset", **_NAMES}
    return Failure(path, f"input '{path}' must be {expected}, not {kinds.get(type(value), type(value).__name__)}")
