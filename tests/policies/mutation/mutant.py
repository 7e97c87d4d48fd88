"""One change to a stack."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from policies.rules.resource import Resource
from tests.policies.mutation.changes import REMOVED
from tests.policies.mutation.tracing import Missing, Path

ELEMENT = re.compile(r"\[\d+\]")
"""The number of an element of a list, in what was done."""


@dataclass(frozen=True)
class Mutant:
    """One change: at a path of a resource, to a whole resource (no path), or one resource more."""

    type: str
    urn: str
    path: Path
    what: str
    value: Any = field(compare=False, hash=False, repr=False)

    def __str__(self) -> str:
        """What was changed, whichever resource of the type and whichever element of a list it was."""
        kind = self.type.rpartition(":")[2]
        return f"{' '.join(filter(None, (kind, places(self.path))))}: {ELEMENT.sub('', self.what)}"

    def made_in(self, resources: Mapping[str, Resource]) -> list[Resource]:
        """The resources, by URN, with the change."""
        changed = {**resources, self.urn: self._resource(resources)}
        return [item for item in changed.values() if item is not None]

    def _resource(self, resources: Mapping[str, Resource]) -> Resource | None:
        if isinstance(self.value, Missing):
            props = {self.value.by.partition(".")[0]: self.value.value} if self.value.by else {}
            return Resource(type=self.type, name="added", urn=self.urn, props=props)
        if not self.path:
            return None
        item = resources[self.urn]
        return replace(item, props=_put(item.props, self.path, self.value))


def places(path: Path) -> str:
    """A path for people, whichever element of a list it goes through."""
    return ".".join("*" if isinstance(part, int) else part for part in path)


def _put(inner: Any, path: Path, value: Any) -> Any:
    """A copy with another value at the path; what is beside the path is shared."""
    if not path:
        return value
    first, *rest = path
    if isinstance(inner, list):
        return [_put(item, tuple(rest), value) if index == first else item for index, item in enumerate(inner)]
    if value is REMOVED and not rest:
        return {key: item for key, item in inner.items() if key != first}
    return {**inner, first: _put(inner.get(first, {}), tuple(rest), value)}
