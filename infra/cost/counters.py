"""How many units of which price a resource takes, by the resource's type."""

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi

from infra.cost.prices import Line

_DETAILED_MONITORING_METRICS = 7


@dataclass(frozen=True, eq=False)
class Seen:
    """A resource as the program asked for it: `inputs` by their names in Python, values possibly outputs."""

    resource: pulumi.Resource
    type: str
    name: str
    inputs: Mapping[str, Any]


class UnknownError(Exception):
    """A quantity that nobody knows before the update, or that the price list does not tell how to count."""


Others = Mapping[pulumi.Resource, Seen]
"""Every resource seen, because one may say how large another is."""
Counter = Callable[[Seen, Others], Coroutine[Any, Any, list[Line]]]


async def known(value: object) -> Any:
    """`value` without outputs; raises UnknownError where they are not known yet."""
    output: pulumi.Output[Any] = pulumi.Output.from_input(value)
    if not await output.is_known():
        raise UnknownError
    return await output.future()


def member(value: Any, name: str) -> Any:
    """A member of an `…Args` object or of a mapping, None where it is not set; `name` as in Python."""
    if isinstance(value, Mapping):
        first, *rest = name.split("_")
        return value.get(name, value.get(first + "".join(part.capitalize() for part in rest)))
    return getattr(value, name, None)


async def items(value: Any) -> Sequence[Any]:
    """Members of a list; they can be counted, and asked for their own members, even while some value in them is not known."""
    return value if isinstance(value, list | tuple) else await known(value) or ()


def _fixed(part: str, price: str) -> Counter:
    async def count(_seen: Seen, _others: Others) -> list[Line]:
        return [Line(part, price, 1)]

    return count


async def _endpoint(seen: Seen, _others: Others) -> list[Line]:
    """An interface endpoint costs in each zone; a gateway endpoint costs nothing."""
    if await known(seen.inputs.get("vpc_endpoint_type")) != "Interface":
        return []
    return [Line("interface endpoints", "interface-endpoint", len(await items(seen.inputs["subnet_ids"])))]


async def _node_group(seen: Seen, others: Others) -> list[Line]:
    """The desired nodes, each at the price of the dearest of its types and on demand: Spot costs no more than that."""
    nodes = await known(member(seen.inputs["scaling_config"], "desired_size"))
    instances = [f"instance:{kind}" for kind in await known(seen.inputs["instance_types"])]
    part = f"nodes: {seen.name.removesuffix('-pool')}"
    lines = [Line(part, "|".join(instances), nodes)]
    for template in await _templates(seen, others):
        lines += [Line(part, "gp3-gb", nodes * gib) for gib in await _volumes_gib(template)]
        if await known(member(template.inputs.get("monitoring"), "enabled")):
            lines.append(Line(part, "metric", nodes * _DETAILED_MONITORING_METRICS))
    return lines


async def _templates(seen: Seen, others: Others) -> Iterable[Seen]:
    """The launch template whose id the node group was given."""
    identity: pulumi.Output[Any] = pulumi.Output.from_input(member(seen.inputs.get("launch_template"), "id"))
    return [others[resource] for resource in await identity.resources() if resource in others]


async def _volumes_gib(template: Seen) -> list[int]:
    volumes = [member(mapping, "ebs") for mapping in await items(template.inputs.get("block_device_mappings"))]
    return [int(await known(member(volume, "volume_size"))) for volume in volumes]


async def _instance(seen: Seen, _others: Others) -> list[Line]:
    part = f"instance: {seen.name}"
    lines = [Line(part, f"instance:{await known(seen.inputs['instance_type'])}", 1)]
    if gib := await known(member(seen.inputs.get("root_block_device"), "volume_size")):
        lines.append(Line(part, "gp3-gb", int(gib)))
    if await known(seen.inputs.get("monitoring")):
        lines.append(Line(part, "metric", _DETAILED_MONITORING_METRICS))
    return lines


async def _web_acl(seen: Seen, _others: Others) -> list[Line]:
    rules = len(await items(seen.inputs.get("rules")))
    return [Line("web firewall", "web-acl", 1), Line("web firewall", "web-acl-rule", rules)]


async def _alarm(seen: Seen, _others: Others) -> list[Line]:
    """An alarm on an expression costs for each metric in it."""
    queries = await items(seen.inputs.get("metric_queries"))
    metrics = sum(1 for query in queries if member(query, "metric") is not None)
    return [Line("alarms", "metric-alarm", metrics or 1)]


async def _metric_filter(seen: Seen, _others: Others) -> list[Line]:
    """What a filter finds is a custom metric, which costs while it has values: always, where it has a default."""
    has_default = member(seen.inputs["metric_transformation"], "default_value") is not None
    return [Line("alarms", "metric", 1)] if has_default else []


COUNTERS: Mapping[str, Counter] = {
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": _metric_filter,
    "aws:cloudwatch/metricAlarm:MetricAlarm": _alarm,
    "aws:ec2/instance:Instance": _instance,
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint,
    "aws:eks/cluster:Cluster": _fixed("control plane", "eks-cluster"),
    "aws:eks/nodeGroup:NodeGroup": _node_group,
    "aws:kms/key:Key": _fixed("keys", "kms-key"),
    "aws:lb/loadBalancer:LoadBalancer": _fixed("load balancer", "application-load-balancer"),
    "aws:wafv2/webAcl:WebAcl": _web_acl,
}
