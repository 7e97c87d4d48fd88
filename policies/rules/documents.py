"""Reading IAM policy documents, whose every field may be one value or a list of them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy document, with lists where the document may have single values."""

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: Mapping[str, tuple[str, ...]]
    conditions: Mapping[str, Mapping[str, Any]]

    @property
    def allows(self) -> bool:
        """Whether it grants rather than denies."""
        return self.effect == "Allow"

    @property
    def anyone(self) -> bool:
        """Whether its principal is everybody."""
        return any("*" in names for names in self.principals.values())


def statements(document: str | Mapping[str, Any]) -> Iterator[Statement]:
    """The statements of a document given as JSON text or as an object."""
    parsed: Mapping[str, Any] = json.loads(document) if isinstance(document, str) else document
    listed = parsed.get("Statement") or ()
    for item in (listed,) if isinstance(listed, Mapping) else listed:
        principal = item.get("Principal") or {}
        yield Statement(
            effect=item.get("Effect", ""),
            actions=_listed(item.get("Action")),
            resources=_listed(item.get("Resource")),
            principals={
                kind: _listed(names)
                for kind, names in ({"AWS": principal} if isinstance(principal, str) else principal).items()
            },
            conditions=item.get("Condition") or {},
        )


def _listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
