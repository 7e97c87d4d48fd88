"""What the engine sends, as rules see it. Properties are taken out of the messages only when they are looked at."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.rules.reads import view
from policies.rules.resource import Properties, Resource, Stack


def resource_of(request: Any) -> Resource:
    """The resource of an AnalyzeRequest, with its inputs."""
    return Resource(
        type=request.type, name=request.name, urn=request.urn, props=view(Message(request.properties.fields))
    )


def stack_of(request: Any, inputs: Mapping[str, Properties]) -> Stack:
    """The resources of an AnalyzeStackRequest in the order of their URNs; `inputs` are those seen before, by URN.

    The engine sends outputs here, in any order. They are empty in a preview whose provider cannot be configured yet (by
    the kubeconfig of a cluster to be made), so what they lack is looked up in the inputs.
    """
    known = frozenset(item.urn for item in request.resources)
    return Stack(
        [
            Resource(
                type=item.type,
                name=item.name,
                urn=item.urn,
                props=view(Either(Message(item.properties.fields), inputs.get(item.urn, {}))),
                references={
                    key: found
                    for key, sources in item.propertyDependencies.items()
                    if (found := known.intersection(sources.urns))
                },
            )
            for item in sorted(request.resources, key=lambda item: str(item.urn))
        ]
    )


class Either(Properties):
    """The first mapping, and the second for keys that the first lacks."""

    def __init__(self, first: Properties, second: Properties) -> None:
        self._first, self._second = first, second

    def __getitem__(self, key: str) -> Any:
        return self._first[key] if key in self._first else self._second[key]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._first, *self._second)))

    def __len__(self) -> int:
        return len(set(self._first) | set(self._second))


class Message(Properties):
    """The fields of a protobuf Struct."""

    def __init__(self, fields: Any) -> None:
        self._fields = fields
        self._values: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        if key not in self._values:
            if key not in self._fields:  # reading a map field of protobuf would make the key
                raise KeyError(key)
            self._values[key] = value_of(self._fields[key])
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._fields

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._fields))

    def __len__(self) -> int:
        return len(self._fields)


def value_of(value: Any) -> Any:
    """A protobuf Value as Python has it; whole numbers are integers, as they are in the state's JSON."""
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        fields = value.struct_value.fields
        return {key: value_of(fields[key]) for key in sorted(fields)}
    if kind == "list_value":
        return [value_of(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    return getattr(value, kind) if kind in ("string_value", "bool_value") else None
