"""From pulumi-aws's names and shapes to the AWS API's and back, led by botocore's shapes and pulumi-aws's types.

Most of the real provider's names are the API's in camelCase, lists in the plural; single objects are where the API has
a list of one, and the other way round. What differs beyond that is in a resource's `rename`.
"""

import json
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from local.aws.codec import Asset, Unknown
from local.aws.schema import fields, is_object

Rename = Mapping[str, str | tuple[str, ...]]
"""Property -> the API's name for it; several where objects inside each other call different things the same."""


class EnumError(ValueError):
    """A value that is not among those that the API knows: (input path, value, the values it may have)."""

    def __init__(self, path: str, value: str, choices: Sequence[str]) -> None:
        super().__init__(path, value, choices)
        self.path, self.value, self.choices = path, value, choices


def match(name: str, members: Iterable[str]) -> str | None:
    """The member that means the same as `name`: equal but for case, or singular for plural."""
    by_lower = {member.lower(): member for member in members}
    low = name.lower()
    forms = [low, f"{low}s", low.removesuffix("s"), low.removesuffix("es"), f"{low.removesuffix('ies')}y"]
    return next((by_lower[form] for form in forms if form in by_lower), None)


def member_for(name: str, members: Iterable[str], rename: Rename) -> str | None:
    """The member for a property: the one that `rename` says if it is there, else the one that means the same."""
    members, renamed = list(members), rename.get(name, ())
    said = (renamed,) if isinstance(renamed, str) else renamed
    return next((member for member in said if member in members), None) or match(name, members)


def to_api(values: Mapping[str, Any], shape: Any, rename: Rename) -> dict[str, Any]:
    """Those inputs that are members of the botocore structure `shape`, as its parameters. Unknown values are left out.

    Raises EnumError for a value outside the shape's enumeration.
    """
    found = {}
    for name, value in values.items():
        member = member_for(name, shape.members, rename)
        if member is not None and value is not None and not isinstance(value, Unknown):
            found[member] = _value_to_api(value, shape.members[member], rename, name)
    return found


def _value_to_api(value: Any, shape: Any, rename: Rename, path: str) -> Any:
    if shape.type_name == "structure":
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        return _nested(value, shape, rename, path) if isinstance(value, Mapping) else value
    if shape.type_name == "list":
        if isinstance(value, Mapping) and (names := pair_names(shape)):
            return [{names[0]: key, names[1]: str(item)} for key, item in value.items()]
        items = value if isinstance(value, list) else [value]
        return [_value_to_api(item, shape.member, rename, path) for item in items if not isinstance(item, Unknown)]
    if shape.type_name == "map" and isinstance(value, Mapping):
        return {key: _value_to_api(item, shape.value, rename, path) for key, item in value.items()}
    return _scalar_to_api(value, shape, path)


def pair_names(shape: Any) -> tuple[str, str] | None:
    """The members of a list's items that are a key and its value (`TagKey`, `TagValue`; `Name`, `Value`), or None."""
    members = shape.member.members if shape.member.type_name == "structure" else ()
    key = next((name for name in members if name.lower() in ("key", "tagkey", "name")), None)
    value = next((name for name in members if name.lower() in ("value", "tagvalue")), None)
    return (key, value) if key and value else None


def dropped(value: Any, shape: Any, rename: Rename, path: str) -> Iterator[str]:
    """Paths of nested inputs for which the API has no member, so that `to_api` leaves them out."""
    if shape.type_name == "list" and not (isinstance(value, Mapping) and pair_names(shape)):
        for item in value if isinstance(value, list) else [value]:
            yield from dropped(item, shape.member, rename, path)
    elif shape.type_name == "structure":
        value = value[0] if isinstance(value, list) and len(value) == 1 else value
        for name, item in value.items() if isinstance(value, Mapping) else ():
            member = member_for(name, shape.members, rename)
            if member is None:
                yield f"{path}.{name}"
            else:
                yield from dropped(item, shape.members[member], rename, f"{path}.{name}")


def _nested(value: Mapping[str, Any], shape: Any, rename: Rename, path: str) -> dict[str, Any]:
    try:
        return to_api(value, shape, rename)
    except EnumError as error:
        raise EnumError(f"{path}.{error.path}", error.value, error.choices) from None


def _scalar_to_api(value: Any, shape: Any, path: str) -> Any:
    choices = getattr(shape, "enum", None)
    if choices and isinstance(value, str) and value not in choices:
        raise EnumError(path, value, choices)
    match shape.type_name, value:
        case "boolean", str():
            return value.lower() == "true"
        case (("integer" | "long"), str()) if value.isdigit():
            return int(value)
        case (("double" | "float"), str()):
            return float(value)
        case "string", bool():
            return str(value).lower()
        case "string", int() | float():
            return str(value)
        case "blob", Asset():
            return value.read()
    return value


def from_api(value: Any, kind: Any, rename: Rename) -> Any:
    """An API value in the shape of a pulumi-aws type; members that the type does not have are left out."""
    origin = typing.get_origin(kind)
    if value is None or kind is Any:
        return value
    if origin is typing.Union:
        return from_api(value, typing.get_args(kind)[0], rename)
    if origin is Sequence:
        items = value if isinstance(value, list | tuple) else [value]
        return [from_api(item, typing.get_args(kind)[0], rename) for item in items]
    if origin is Mapping and isinstance(value, list):
        pairs = [{name.lower(): item for name, item in pair.items()} for pair in value]
        return {pair.get("key", pair.get("name")): pair.get("value") for pair in pairs}
    if origin is Mapping:
        return {key: from_api(item, typing.get_args(kind)[1], rename) for key, item in dict(value).items()}
    if isinstance(value, list) and (is_object(kind) or kind in (str, bool, int, float)):
        return from_api(value[0], kind, rename) if value else None
    if is_object(kind):
        return _object_from_api(value, kind, rename)
    return _scalar_from_api(value, kind)


def _object_from_api(value: Any, kind: type, rename: Rename) -> dict[str, Any] | None:
    if not isinstance(value, Mapping):
        return None
    found = {}
    for name, field in fields(kind).items():
        member = member_for(name, value, rename)
        if member is not None:
            found[name] = from_api(value[member], field.type, rename)
    return {name: item for name, item in found.items() if item is not None}


def _scalar_from_api(value: Any, kind: Any) -> Any:
    if kind is bool:
        return str(value).lower() in ("true", "enabled")
    if kind in (int, float):
        return int(float(value)) if float(value).is_integer() else float(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping | list):
        return json.dumps(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if kind is str else value
