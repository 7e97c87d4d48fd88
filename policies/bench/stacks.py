"""Stacks of any size, made of copies of the compliant stack that the tests of the rules use."""

from collections.abc import Iterator
from itertools import count, islice
from typing import Any

from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import analyzer_pb2

from tests.policies.world import World, load

NAMES = ("name", "bucket", "arn", "id", "namespace", "policyName", "secretName")
"""Properties that name a resource, or a resource that it belongs to: each copy has names of its own."""
ONCE = (
    "aws:accessanalyzer/",
    "aws:backup/",
    "aws:cfg/",
    "aws:cloudtrail/",
    "aws:guardduty/",
    "aws:securityhub/",
    "kubernetes:admissionregistration.k8s.io/",
)
"""What an account or a cluster has once, however large it is."""


def stack_of(size: int) -> World:
    """The first `size` resources of copies upon copies."""
    return list(islice(_copies(), size))


def _copies() -> Iterator[dict[str, Any]]:
    for number in count():
        for item in (item for item in load() if number == 0 or not item["type"].startswith(ONCE)):
            sources = {key: f"{name}-{number}" for key, name in item["from"].items()}
            yield {
                **item,
                "name": f"{item['name']}-{number}",
                "from": sources,
                "props": _renamed(item["props"], number),
            }


def _renamed(value: Any, number: int, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _renamed(item, number, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, number) for item in value]
    return f"{value}-{number}" if isinstance(value, str) and key in NAMES else value


def request_of(item: dict[str, Any]) -> analyzer_pb2.AnalyzerResource:
    """A resource as the engine sends it."""
    properties = Struct()
    properties.update(item["props"])
    urns = {key: analyzer_pb2.AnalyzerPropertyDependencies(urns=[name]) for key, name in item["from"].items()}
    return analyzer_pb2.AnalyzerResource(
        type=item["type"], name=item["name"], urn=item["name"], properties=properties, propertyDependencies=urns
    )
