"""What Elastic Load Balancing's types share: tags; attributes, pairs of key and value there, inputs of their own here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.aws.api import Api
from local.aws.mapper import from_api
from local.aws.resource import Call, Scope, Step, Tagging
from local.aws.schema import schema

TAGS = Tagging(
    add=Call(operation="add_tags", params={"ResourceArns": ["{id}"]}),
    remove=Call(operation="remove_tags", params={"ResourceArns": ["{id}"], "TagKeys": "{tagKeys}"}),
    read=Call(operation="describe_tags", params={"ResourceArns": ["{id}"]}, result="TagDescriptions[0].Tags"),
)


@dataclass(frozen=True, kw_only=True)
class Block:
    """Attributes that are one input object with a switch `enabled`; where that is off, there is no object."""

    keys: Mapping[str, str]
    """Property -> key."""
    enabled: bool
    """What the provider takes the switch for where a program leaves it out."""


Keys = Mapping[str, str | Block]
"""Input -> key of the attribute."""


def attributes(kind: str, noun: str, arn: str, keys: Keys) -> tuple[Call, Step, dict[str, Callable[[Api, Scope], Any]]]:
    """How a type's attributes are read, set and given out: `describe_<noun>_attributes`, `modify_<noun>_attributes`."""

    def apply(api: Api, scope: Scope, old: Scope) -> None:
        changed = {name: keys[name] for name in keys if scope.get(name) != old.get(name)}
        pairs = [pair for name, key in changed.items() for pair in _pairs(scope.get(name), key)]
        if pairs:
            api.call("elbv2", f"modify_{noun}_attributes", {arn: scope["id"], "Attributes": pairs})

    read = Call(operation=f"describe_{noun}_attributes", params={arn: "{id}"}, result="{Attributes: Attributes}")
    return read, Step(inputs=tuple(keys), apply=apply), {name: _output(kind, name, key) for name, key in keys.items()}


def _pairs(value: Any, key: str | Block) -> list[dict[str, str]]:
    if isinstance(key, str):
        return [] if value is None else [{"Key": key, "Value": _text(value)}]
    given = {"enabled": key.enabled, **value} if value else {"enabled": False}
    return [pair for name, inner in key.keys.items() for pair in _pairs(given.get(name), inner)]


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _output(kind: str, name: str, key: str | Block) -> Callable[[Api, Scope], Any]:
    def read(_api: Api, scope: Scope) -> Any:
        living = {pair["Key"]: pair.get("Value") for pair in scope["Attributes"]}
        if isinstance(key, str):
            found = living.get(key)
        else:
            found = {
                inner: living[member] for inner, member in key.keys.items() if living.get(member) not in (None, "")
            }
            found = found if found.get("enabled") == "true" else None
        return from_api(found, schema(kind).outputs[name].type, {})

    return read
