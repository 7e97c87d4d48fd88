"""AWS resources as a Terraform plan: the form in which Checkov's `terraform_plan` framework reads them.

The Pulumi provider for AWS is generated from Terraform's, so every resource type and property has its Terraform name.
Most follow from a rule; terraform.yaml has the rest. Two things that Pulumi drops are put back: a block that Terraform
allows once is a list of one block again, and a value that came from another resource is a reference to it, because
Checkov finds out by references whether a bucket has its versioning, encryption and policy.
"""

import json
import re
import typing
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from local.aws.schema import Field, fields, is_object, schema
from policies.checkov.state import Deployed
from policies.errors import PolicyError

TABLE_FILE = Path(__file__).parent / "terraform.yaml"
VERSION = "1.9.0"
"""Of Terraform: Checkov takes a JSON file for a plan by this key, whatever its value."""


@cache
def table() -> Mapping[str, Mapping[str, Any]]:
    """What terraform.yaml says of each type."""
    loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(TABLE_FILE.read_text())
    return loaded


def snake_case(name: str) -> str:
    """`serviceIpv4Cidr` -> `service_ipv4_cidr`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def values(resource: Deployed) -> dict[str, Any]:
    """The inputs as Terraform's values; raises PolicyError for a type, an input or a list that is not known."""
    return _Conversion(resource).block(resource.inputs, schema(resource.type).inputs)


def _row(resource: Deployed) -> Mapping[str, Any]:
    if resource.type not in table():
        raise PolicyError(f"{resource.label}: {TABLE_FILE.name} has no {resource.type}; add its Terraform type.")
    return table()[resource.type]


class _Conversion:
    """Carries one resource over."""

    def __init__(self, resource: Deployed) -> None:
        self._resource = resource
        self._names: Mapping[str, str] = _row(resource).get("names") or {}

    def name(self, key: str) -> str:
        snake = snake_case(key)
        return self._names.get(snake, snake)

    def block(self, given: Mapping[str, Any], known: Mapping[str, Field]) -> dict[str, Any]:
        """One block; every key must be one that the type has."""
        unknown = sorted(set(given) - set(known))
        if unknown:
            raise PolicyError(f"{self._resource.label}: pulumi-aws has no input {', '.join(unknown)}.")
        return {self.name(key): self._value(key, value, known[key].type) for key, value in given.items()}

    def _value(self, key: str, value: Any, kind: Any) -> Any:
        match value:
            case list():
                return self._list(key, value, kind)
            case dict() if str in _alternatives(kind):
                return json.dumps(value)  # a document, such as a policy, which Terraform has as text only
            case dict() if objects := [each for each in _alternatives(kind) if is_object(each)]:
                return [self.block(value, fields(objects[0]))]
            case _:
                return value  # a scalar, or a map with keys of the user's, such as tags

    def _list(self, key: str, items: list[Any], kind: Any) -> list[Any]:
        if snake_case(key) not in self._names:
            raise PolicyError(f"{self._resource.label}: {TABLE_FILE.name} does not name its list {snake_case(key)}.")
        (element,) = [typing.get_args(each)[0] for each in _alternatives(kind) if typing.get_origin(each)]
        converted = [self._value(key, item, element) for item in items]
        return [item[0] if isinstance(item, list) else item for item in converted]  # a block is a list of one already


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return typing.get_args(kind) if typing.get_origin(kind) is typing.Union else (kind,)


def plan(resources: Iterable[Deployed]) -> tuple[dict[str, Any], dict[str, str]]:
    """The plan, and the label of the resource at each of its addresses."""
    addresses = _addresses(resources := list(resources))
    places = {each.urn: _place(addresses[each.urn]) for each in resources}
    planned = [places[each.urn] | {"values": values(each)} for each in resources]
    configured = [places[each.urn] | {"expressions": _expressions(each, addresses)} for each in resources]
    document = {
        "format_version": "1.2",
        "terraform_version": VERSION,
        "planned_values": {"root_module": {"resources": planned}},
        "configuration": {"root_module": {"resources": configured}},
    }
    return document, {addresses[each.urn]: each.label for each in resources}


def _addresses(resources: Iterable[Deployed]) -> dict[str, str]:
    """A Terraform address for each URN; a name that a type has twice, below two parents, is numbered."""
    addresses: dict[str, str] = {}
    for each in resources:
        wanted = f"{_row(each)['is']}.{re.sub(r'[^A-Za-z0-9_-]', '_', each.name)}"
        taken = [address for address in addresses.values() if re.fullmatch(re.escape(wanted) + r"(_\d+)?", address)]
        addresses[each.urn] = f"{wanted}_{len(taken) + 1}" if taken else wanted
    return addresses


def _place(address: str) -> dict[str, str]:
    kind, _, name = address.partition(".")
    return {"address": address, "mode": "managed", "type": kind, "name": name}


def _expressions(resource: Deployed, addresses: Mapping[str, str]) -> dict[str, Any]:
    conversion = _Conversion(resource)
    return {
        conversion.name(key): {"references": [f"{addresses[urn]}.id" for urn in urns if urn in addresses]}
        for key, urns in resource.references.items()
    }
