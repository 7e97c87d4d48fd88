"""Resources as rules see them: a type, a name and properties whose unknown values raise when they are read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_policy import PolicyResource
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

Properties = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource. `props` are its inputs before it is touched, its outputs in a view of the whole stack.

    Reading a value that a preview cannot know raises UnknownValueError; rules let it pass, so that the outcome is
    "unknown". `references` names, for each property, the resources that its value came from.
    """

    type: str
    name: str
    urn: str
    props: Properties
    references: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """How messages and exemptions name it: `<type>::<logical name>`."""
        return f"{self.type}::{self.name}"

    def block(self, name: str) -> Properties:
        """A nested object; empty where it is absent."""
        return self.props.get(name) or {}

    def items(self, name: str) -> Sequence[Any]:
        """A list; empty where it is absent."""
        return self.props.get(name) or ()

    def computed(self, name: str) -> Any:
        """What the provider makes up, such as an ARN; unknown, too, where a preview does not even mention it."""
        if name not in self.props:
            raise UnknownValueError(UNKNOWN_STRING_VALUE, [name])
        return self.props[name]


class _Either(Properties):
    """The first mapping, and the second for keys that the first lacks."""

    def __init__(self, first: Properties, second: Properties) -> None:
        self._first, self._second = first, second

    def __getitem__(self, key: str) -> Any:
        try:
            return self._first[key]
        except KeyError:
            return self._second[key]

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*self._first, *self._second)))

    def __len__(self) -> int:
        return len(set(self._first) | set(self._second))


class Stack:
    """The resources that rules about relations look through."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.resources = resources

    @classmethod
    def of(cls, resources: Iterable[PolicyResource], inputs: Mapping[str, Properties]) -> "Stack":
        """The engine's view of the stack, as ours; `inputs` are those seen before, by URN.

        The engine shows outputs here. They are empty in a preview whose provider cannot be configured yet (by the
        kubeconfig of a cluster to be made), so what they lack is looked up in the inputs.
        """
        return cls(
            [
                Resource(
                    type=item.resource_type,
                    name=item.name,
                    urn=item.urn,
                    props=_Either(item.props, inputs.get(item.urn, {})),
                    references={
                        key: frozenset(source.urn for source in sources)
                        for key, sources in item.property_dependencies.items()
                    },
                )
                for item in resources
            ]
        )

    def typed(self, *types: str) -> Iterator[Resource]:
        """Every resource of one of these types."""
        return (item for item in self.resources if item.type in types)

    def attached(self, target: Resource, *types: str, by: str, identity: Sequence[str] = ("id",)) -> list[Resource]:
        """The resources of `types` whose property `by` (`name`, or `name.inner`) means `target`, or lists it.

        It does when its value came from `target` (known even in a preview) or equals one of target's `identity` values.
        """
        return [item for item in self.typed(*types) if _means(item, target, by, identity)]

    def named(self, source: Resource, *types: str, by: str, identity: Sequence[str] = ("arn",)) -> list[Resource]:
        """The other way round: the resources of `types` that the property `by` of `source` means or lists."""
        return [item for item in self.typed(*types) if _means(source, item, by, identity)]


def _means(item: Resource, target: Resource, by: str, identity: Sequence[str]) -> bool:
    name, _, inner = by.partition(".")
    sources = item.references.get(name)
    if sources:
        return target.urn in sources  # no need to compare values that a preview does not know
    value = item.block(name).get(inner) if inner else item.props.get(name)
    listed = (value,) if isinstance(value, str) else value or ()
    return any(target.props.get(key) == one for one in listed for key in identity)
