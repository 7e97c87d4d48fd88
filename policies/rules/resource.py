"""Resources as rules see them: a type, a name and properties whose unknown values raise when they are read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, UnknownValueError

from policies.rules.lookup import Lookup, listed
from policies.rules.reads import Reads, view

Properties = Mapping[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, eq=False)
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
        """How messages and waivers name it: `<type>::<logical name>`."""
        return f"{self.type}::{self.name}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Resource) and self.urn == other.urn

    def __hash__(self) -> int:
        return hash(self.urn)

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

    def traced(self, reads: Reads) -> "Resource":
        """The same, and `reads` is told of each property that is looked at."""
        return replace(self, props=view(self.props, note=reads.note(self)))


@dataclass
class _Found:
    """What was found out about a stack, for all its traced likenesses."""

    lookup: Lookup | None = None
    facts: dict[Callable[..., Any], tuple[Any, UnknownValueError | None]] = field(default_factory=dict)


class Stack:
    """The resources that rules about relations look through; finding some takes as long as there are of them."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.resources = resources
        self._found = _Found()
        self._reads: Reads | None = None

    def traced(self, reads: Reads) -> "Stack":
        """The same, and `reads` is told of each property that is looked at in what is found here."""
        same = Stack(self.resources)
        same._found, same._reads = self._found, reads
        return same

    @property
    def _lookup(self) -> Lookup:
        if self._found.lookup is None:
            self._found.lookup = Lookup(self.resources)
        return self._found.lookup

    def once(self, fact: Callable[["Stack"], T]) -> T:
        """What `fact` says of the whole stack, or raises; asked once, so what it reads counts for who asks first."""
        if fact not in self._found.facts:
            try:
                self._found.facts[fact] = (fact(self), None)
            except UnknownValueError as unknown:
                self._found.facts[fact] = (None, unknown)
        value, not_known = self._found.facts[fact]
        if not_known is not None:
            raise not_known
        return cast(T, value)

    def types(self) -> dict[str, int]:
        """How many resources there are of each type, in the order of the types' names."""
        return self._lookup.types()

    def typed(self, *types: str) -> Iterator[Resource]:
        """Every resource of one of these types, one type after the other."""
        return map(self._seen, (item for each in types for item in self._lookup.typed(each)))

    def where(self, kind: str, by: str, value: str, *, absent: str | None = None) -> Iterator[Resource]:
        """The resources of one type whose property `by` (`name`, or `name.inner`) is `value`, or lists it.

        `absent` is what the property means where it is not set. Raises UnknownValueError after the last resource where
        another's value is not known.
        """
        return (self._matched(item, by) for item in self._lookup.holding(kind, by, value, absent))

    def attached(self, target: Resource, *types: str, by: str, identity: Sequence[str] = ("id",)) -> list[Resource]:
        """The resources of `types` whose property `by` (`name`, or `name.inner`) means `target`, or lists it.

        It does when its value came from `target` (known even in a preview) or equals one of target's `identity` values.
        """
        return [self._matched(item, by) for item in self._lookup.meaning(target, types, by, identity)]

    def origins(self, source: Resource, *types: str, of: str) -> list[Resource]:
        """The resources of `types` that the value of the property `of` came from, known even in a preview."""
        return [self._seen(item) for item in self._lookup.origins(source, types, of)]

    def named(self, source: Resource, *types: str, by: str, identity: Sequence[str] = ("arn",)) -> list[Resource]:
        """The other way round: the resources of `types` that the property `by` of `source` means or lists."""
        found = list(self._lookup.meant(source, types, by, identity))
        if found:
            self._matched(source, by)
        return [self._seen(item) for item in found]

    def _seen(self, item: Resource) -> Resource:
        return item if self._reads is None else item.traced(self._reads)

    def _matched(self, item: Resource, by: str) -> Resource:
        """`item`; the property by which it was found counts as read, also where only its origin is known."""
        seen = self._seen(item)
        with suppress(UnknownValueError):
            listed(seen, by)
        return seen
