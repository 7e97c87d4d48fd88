"""Tags: the provider's default ones merged in, in whichever of its forms each service writes them."""

from collections.abc import Mapping
from typing import Any

import jmespath  # type: ignore[import-untyped]

from local.aws.api import Api, GoneError
from local.aws.mapper import pair_names
from local.aws.resource import Call, Resource
from local.aws.templates import fill_map

_MEMBERS = ("TagSpecifications", "Tags", "tags", "TagsList", "TagList")
_EC2_TYPES = {
    "VpcEndpoint": "vpc-endpoint",
    "FlowLog": "vpc-flow-log",
    "RouteTable": "route-table",
    "Vpc": "vpc",
    "Subnet": "subnet",
    "SecurityGroup": "security-group",
    "SecurityGroupIngressRule": "security-group-rule",
    "SecurityGroupEgressRule": "security-group-rule",
    "LaunchTemplate": "launch-template",
    "Instance": "instance",
}


def merged(defaults: Mapping[str, str], inputs: Mapping[str, Any]) -> dict[str, str]:
    """The provider's default tags with the resource's own over them."""
    return {**defaults, **(inputs.get("tags") or {})}


def parameter(shape: Any, tags: Mapping[str, str], token: str) -> dict[str, Any]:
    """Tags as the parameter that an operation's shape has for them."""
    name = next(member for member in _MEMBERS if member in shape.members)
    if name == "TagSpecifications":
        kind = _EC2_TYPES[token.rpartition(":")[2]]
        return {name: [{"ResourceType": kind, "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]}
    member = shape.members[name]
    if member.type_name == "map":
        return {name: dict(tags)}
    key, value = pair_names(member) or ("Key", "Value")
    return {name: [{key: k, value: v} for k, v in tags.items()]}


def change(
    api: Api,
    resource: Resource,
    scope: Mapping[str, Any],
    old: Mapping[str, str],
    new: Mapping[str, str],
    *,
    creating: bool,
) -> None:
    """Make a living resource's tags `new`, given that they are `old`."""
    tagging = resource.tagging
    if tagging is None or old == new:
        return
    if tagging.put:
        _call(api, resource, tagging.put, {**scope, "tagSet": _pairs(new)}, {})
        return
    gone = [key for key in old if key not in new]
    if gone and tagging.remove and not creating:
        _call(api, resource, tagging.remove, {**scope, "tagKeys": gone, "tagSet": [{"Key": key} for key in gone]}, {})
    if new and tagging.add:
        _call(api, resource, tagging.add, scope, new)


def _call(api: Api, resource: Resource, call: Call, scope: Mapping[str, Any], tags: Mapping[str, str]) -> None:
    params = fill_map(call.params, scope)
    if tags:
        params |= parameter(api.shape(resource.service, call.operation), tags, resource.kind)
    api.call(resource.service, call.operation, params)


def read(api: Api, resource: Resource, scope: Mapping[str, Any], seen: Mapping[str, Any]) -> dict[str, str]:
    """The tags that a living resource has."""
    found = next((seen[name] for name in _MEMBERS[1:] if seen.get(name)), None)  # specifications are of other things
    if resource.tagging and resource.tagging.read:
        call = resource.tagging.read
        try:
            found = jmespath.search(
                call.result, api.call(resource.service, call.operation, fill_map(call.params, scope))
            )
        except GoneError:
            found = None
    return _mapping(found or {})


def _mapping(found: Any) -> dict[str, str]:
    if isinstance(found, Mapping):
        return dict(found)
    pairs = [{name.lower().removeprefix("tag"): value for name, value in tag.items()} for tag in found]
    return {pair["key"]: pair.get("value", "") for pair in pairs if not pair["key"].startswith("aws:")}


def _pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
