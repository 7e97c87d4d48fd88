"""Finding resources by type, by where a property came from and by what it holds, without going through all of them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pulumi_policy.proxy import UnknownValueError

if TYPE_CHECKING:
    from policies.rules.resource import Resource


class Lookup:
    """Resources by type; what a property holds is looked up once for each type and property that a rule asks for."""

    def __init__(self, resources: "Sequence[Resource]") -> None:
        self._typed: dict[str, list[Resource]] = defaultdict(list)
        self._by_urn: dict[str, Resource] = {}
        self._holders: dict[tuple[str, str], _Holders] = {}
        for item in resources:
            self._typed[item.type].append(item)
            self._by_urn[item.urn] = item

    def types(self) -> dict[str, int]:
        """How many resources there are of each type."""
        return {kind: len(self._typed[kind]) for kind in sorted(self._typed)}

    def typed(self, kind: str) -> "Sequence[Resource]":
        """The resources of one type."""
        return self._typed.get(kind, ())

    def holding(self, kind: str, by: str, value: str, absent: str | None) -> "Iterator[Resource]":
        """The resources of a type whose property is or lists `value`, which `absent` stands for where there is none.

        Raises UnknownValueError after the last one where the value of another is not known.
        """
        holders = self._of(kind, by)
        yield from holders.by_value.get(value, ())
        if value == absent:
            yield from holders.without
        if holders.unknown:
            raise holders.unknown

    def meaning(
        self, target: "Resource", types: Sequence[str], by: str, identity: Sequence[str]
    ) -> "Iterator[Resource]":
        """The resources of these types whose property came from `target`, or holds one of its identity values.

        Raises UnknownValueError where one neither knows the value nor says where it came from.
        """
        for kind in types:
            holders = self._of(kind, by)
            if holders.undecided:
                raise holders.undecided
            yield from holders.by_source.get(target.urn, ())
            yield from holders.identified(target, identity)

    def meant(self, source: "Resource", types: Sequence[str], by: str, identity: Sequence[str]) -> "Iterator[Resource]":
        """The resources of these types that a property of `source` came from, or whose identity values it holds."""
        name = by.partition(".")[0]
        if source.references.get(name):
            yield from self.origins(source, types, name)
            return
        for value in listed(source, by):
            for kind in types:
                yield from self._identified_by(kind, identity, value)

    def origins(self, source: "Resource", types: Sequence[str], name: str) -> "Iterator[Resource]":
        """The resources of these types that a property of `source` came from."""
        found = (self._by_urn.get(urn) for urn in sorted(source.references.get(name, ())))
        return (item for item in found if item is not None and item.type in types)

    def _identified_by(self, kind: str, identity: Sequence[str], value: str) -> "Sequence[Resource]":
        for key in identity:
            holders = self._of(kind, key)
            if found := holders.by_value.get(value):
                return found
            if holders.unknown:
                raise holders.unknown
        return ()

    def _of(self, kind: str, by: str) -> "_Holders":
        if (kind, by) not in self._holders:
            self._holders[kind, by] = _Holders(self.typed(kind), by)
        return self._holders[kind, by]


class _Holders:
    """The resources of one type by what one of their properties holds, and by the resources that it came from.

    `unknown` is raised by one whose value is not known, `undecided` by one that does not say where it comes from either.
    """

    def __init__(self, items: "Sequence[Resource]", by: str) -> None:
        self.by_value: dict[str, list[Resource]] = defaultdict(list)
        self.by_source: dict[str, list[Resource]] = defaultdict(list)
        self.without: list[Resource] = []
        self.unknown: UnknownValueError | None = None
        self.undecided: UnknownValueError | None = None
        self._without_source: set[str] = set()
        for item in items:
            self._add(item, by)

    def _add(self, item: "Resource", by: str) -> None:
        sources = item.references.get(by.partition(".")[0]) or ()
        for urn in sources:
            self.by_source[urn].append(item)
        try:
            values = dict.fromkeys(listed(item, by))
        except UnknownValueError as unknown:
            self.unknown = unknown
            self.undecided = self.undecided if sources else unknown
            return
        for value in values:
            self.by_value[value].append(item)
        if not values:
            self.without.append(item)
        if values and not sources:
            self._without_source.add(item.urn)

    def identified(self, target: "Resource", identity: Sequence[str]) -> "Iterator[Resource]":
        """Those that hold an identity value of `target`, and do not say where it came from."""
        found: set[str] = set()
        for key in identity:
            if len(found) == len(self._without_source):
                return  # whatever the other values of `target` are, known or not
            for item in (item for value in listed(target, key) for item in self.by_value.get(value, ())):
                if item.urn in self._without_source and item.urn not in found:
                    found.add(item.urn)
                    yield item


def listed(item: "Resource", by: str) -> Sequence[str]:
    """The texts that a property (`name`, or `name.inner`) is or lists."""
    name, _, inner = by.partition(".")
    value = item.block(name).get(inner) if inner else item.props.get(name)
    if isinstance(value, str):
        return (value,)
    return [each for each in value if isinstance(each, str)] if isinstance(value, Sequence) else ()
