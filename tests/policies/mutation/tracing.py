"""What a rule reads of the stack to judge one resource.

Apart from the pack's own record of reads on purpose: it also notes the objects and lists that a rule counts or goes
through, and the types that it looks for and does not find, because those can be changed too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from policies.rules.resource import Resource, Stack

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Missing:
    """A type that a rule looked for in vain, and the property by which it would have belonged to a resource."""

    type: str
    by: str = ""
    value: str = ""


@dataclass
class Reads:
    """The places that were read, by the resource's URN and the path in it, and the types that were looked for."""

    places: set[tuple[str, Path]] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    missing: set[Missing] = field(default_factory=set)


def traced(resources: Sequence[Resource], reads: Reads) -> tuple[list[Resource], Stack]:
    """The resources and their stack, with every look at them noted in `reads`."""
    watched = [
        Resource(
            type=item.type,
            name=item.name,
            urn=item.urn,
            props=_Object(item.props, item.urn, (), reads),
            references=item.references,
        )
        for item in resources
    ]
    return watched, _Stack(watched, reads)


class _Stack(Stack):
    """Notes the types that rules look for."""

    def __init__(self, resources: Sequence[Resource], reads: Reads) -> None:
        super().__init__(resources)
        self._noted = reads
        self._there = {item.type for item in resources}

    def typed(self, *types: str) -> Iterator[Resource]:
        self._note(types)
        return super().typed(*types)

    def where(self, kind: str, *looked_for: Any, **more: Any) -> Iterator[Resource]:
        self._note((kind,))
        return super().where(kind, *looked_for, **more)

    def attached(self, target: Resource, *types: str, by: str, identity: Sequence[str] = ("id",)) -> list[Resource]:
        known = target.props._inner if isinstance(target.props, _Watched) else target.props
        self._note(types, by, str(known.get(identity[0], "")))
        return super().attached(target, *types, by=by, identity=identity)

    def named(self, source: Resource, *types: str, **more: Any) -> list[Resource]:
        self._note(types)
        return super().named(source, *types, **more)

    def origins(self, source: Resource, *types: str, **more: Any) -> list[Resource]:
        self._note(types)
        return super().origins(source, *types, **more)

    def _note(self, types: Sequence[str], by: str = "", value: str = "") -> None:
        self._noted.types.update(types)
        for kind in types:
            if kind not in self._there and (by or Missing(kind) not in self._noted.missing):
                self._noted.missing.add(Missing(kind, by, value))


class _Watched:
    """A part of a resource's properties, with the place where it stands."""

    def __init__(self, inner: Any, urn: str, path: Path, reads: Reads) -> None:
        self._inner, self._urn, self._path, self._reads = inner, urn, path, reads

    def _note(self, *key: str | int) -> None:
        self._reads.places.add((self._urn, (*self._path, *key)))

    def _read(self, key: str | int) -> Any:
        """The value below, watched too where it has parts."""
        value = self._inner[key]
        kind = _Object if isinstance(value, dict) else _List if isinstance(value, list) else None
        if kind is None:
            self._note(key)
            return value
        return kind(value, self._urn, (*self._path, key), self._reads)

    def __len__(self) -> int:
        self._note()
        return len(self._inner)


class _Object(_Watched, Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        if key not in self._inner:
            self._note(key)
        return self._read(key)

    def __iter__(self) -> Iterator[str]:
        self._note()
        return iter(self._inner)


class _List(_Watched, Sequence[Any]):
    def __getitem__(self, index: Any) -> Any:
        return (
            [self._read(i) for i in range(len(self._inner))[index]] if isinstance(index, slice) else self._read(index)
        )
