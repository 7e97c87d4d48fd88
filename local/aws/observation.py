"""What the API answers about a resource, as the outputs that the real provider has, and what has drifted in it."""

import json
import typing
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from local.aws.api import Api
from local.aws.codec import UNKNOWN
from local.aws.mapper import from_api, member_for
from local.aws.resource import Resource
from local.aws.schema import schema
from local.aws.templates import MissingError, fill


@cache
def _inputs_of(token: str) -> tuple[str, ...]:
    return tuple(schema(token).inputs)


def input_names(resource: Resource) -> tuple[str, ...]:
    """The names of all inputs of a type."""
    return _inputs_of(resource.kind)


def outputs(
    resource: Resource,
    api: Api,
    scope: Mapping[str, Any],
    seen: Mapping[str, Any],
    tags: Mapping[str, str],
    default_tags: Mapping[str, str],
) -> dict[str, Any]:
    """The outputs that can be told from the API's answer `seen` (by its names) and the scope."""
    found: dict[str, Any] = {}
    for name, field in schema(resource.kind).outputs.items():
        if name in resource.unread:
            continue
        if name in resource.outputs:
            value = _special(resource, name, api, scope)
        elif name == "tagsAll":
            value = dict(tags)
        elif name == "tags":
            value = {key: value for key, value in tags.items() if default_tags.get(key) != value} or None
        elif name == "region":
            value = api.region
        else:
            member = member_for(name, seen, resource.rename)
            value = from_api(seen[member], field.type, resource.rename) if member else None
        if value is not None:
            found[name] = value
    return found


def _special(resource: Resource, name: str, api: Api, scope: Mapping[str, Any]) -> Any:
    rule = resource.outputs[name]
    try:
        return rule(api, scope) if callable(rule) else fill(rule, scope)
    except MissingError:
        return None


def recorded(resource: Resource, observed: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs for the state: what was read, the inputs as they were given over it, and the empty value of its type
    for what AWS has nothing to say about (the real provider records it so too)."""
    given = {name: value for name, value in inputs.items() if not name.startswith("__")}
    empty = {name: _empty(field.type) for name, field in schema(resource.kind).outputs.items() if field.required}
    known = {**observed, **{name: _over(observed.get(name), value) for name, value in given.items()}}
    return {name: value for name, value in {**empty, **known}.items() if value is not None}


def _empty(kind: Any) -> Any:
    if kind in (str, bool, int, float):
        return kind()
    return {Sequence: [], Mapping: {}}.get(typing.get_origin(kind))


def _over(below: Any, value: Any) -> Any:
    if isinstance(value, Mapping) and isinstance(below, Mapping):
        return {**below, **{key: _over(below.get(key), item) for key, item in value.items()}}
    return value


def planned(resource: Resource, inputs: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """The outputs of a preview: inputs, what is known from before, and unknowns for what only creation tells."""
    given = {name: value for name, value in inputs.items() if not name.startswith("__")}
    result: dict[str, Any] = {name: UNKNOWN for name, field in schema(resource.kind).outputs.items() if field.required}
    result |= {**old, **{name: _over(old.get(name), value) for name, value in given.items()}}
    for path in resource.computed:
        outer, _, inner = path.partition(".")
        if isinstance(result.get(outer), Mapping) and inner not in result[outer]:
            result[outer] = {**result[outer], inner: UNKNOWN}
    return result


def drifted(resource: Resource, observed: Mapping[str, Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs as they would have to be for what is there now: those that the API confirms stay as they were."""
    expected = {**resource.defaults, **inputs}
    return {
        name: observed[name] if name in observed and not covers(observed[name], value) else value
        for name, value in expected.items()
        if name in inputs or (name in observed and not covers(observed[name], value))
    }


def covers(actual: Any, wanted: Any) -> bool:
    """Whether what is there is what was asked for; the API may add to objects, order lists, write JSON as it likes."""
    if isinstance(wanted, Mapping) and isinstance(actual, Mapping):
        return all(covers(actual[key], value) if key in actual else is_empty(value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(actual, list):
        return len(wanted) == len(actual) and all(any(covers(a, w) for a in actual) for w in wanted)
    if isinstance(wanted, str) and isinstance(actual, str) and wanted != actual:
        return _json(wanted) is not None and _json(wanted) == _json(actual)
    return bool(wanted == actual)


def is_empty(value: Any) -> bool:
    """Whether a value is the empty one of its type, which AWS and the real provider do not tell from none at all."""
    return value is None or (isinstance(value, str | bool | int | float | list | Mapping) and not value)


def _json(text: str) -> Any:
    try:
        return json.loads(text) if text.lstrip().startswith(("{", "[")) else None
    except ValueError:
        return None


def imported(resource: Resource, observed: Mapping[str, Any]) -> dict[str, Any]:
    """Inputs that would make what is there, without those that say only the default."""
    found = {}
    for name in set(input_names(resource)) - {"region", "tagsAll"}:
        value, default = observed.get(name), resource.defaults.get(name)
        if value is not None and value != default and not (is_empty(value) and is_empty(default)):
            computed = {path.partition(".")[2] for path in resource.computed if path.startswith(f"{name}.")}
            found[name] = without(value, computed)
    return found


def without(value: Any, names: set[str]) -> Any:
    """An object without these properties; anything else as it is."""
    if not isinstance(value, Mapping):
        return value
    return {key: item for key, item in value.items() if key not in names}


def optional_output(resource: Resource, name: str) -> bool:
    """Whether a property is absent unless it is asked for, rather than computed by AWS."""
    field = schema(resource.kind).outputs.get(name)
    return field is None or not field.required
