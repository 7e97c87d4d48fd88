"""Reading IAM policy documents, whose every field may be one value or a list of them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SOURCE_KEY = re.compile(
    r"aws:source(account|arn|orgid|orgpaths|owner)|kms:(calleraccount|viaservice|encryptioncontext:.+)", re.IGNORECASE
)
"""Condition keys that say on whose behalf an AWS service acts."""
OWN_PREFIX = re.compile(r"/AWSLogs/\d{12}/")
"""Where log delivery writes for one account; AWS itself puts in the number of the account whose logs they are."""


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

    @property
    def services(self) -> tuple[str, ...]:
        """The AWS services among its principals."""
        return self.principals.get("Service", ())

    @property
    def limited_to_a_source(self) -> bool:
        """Whether it says on whose behalf an AWS service must act."""
        keys = [key for operator, block in self.conditions.items() if "Not" not in operator for key in block]
        own = bool(self.resources) and all(OWN_PREFIX.search(resource) for resource in self.resources)
        return own or any(SOURCE_KEY.fullmatch(key) for key in keys)


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


def unlimited(document: str | Mapping[str, Any]) -> Iterator[str]:
    """What a document allows to everybody, or to an AWS service whoever asked it, a sentence each."""
    for statement in statements(document):
        actions = ", ".join(statement.actions)
        if statement.allows and statement.anyone and not statement.conditions:
            yield f"{actions} is allowed to principal * without a condition"
        elif statement.allows and statement.services and not statement.limited_to_a_source:
            yield f"{actions} is allowed to {', '.join(statement.services)} without a condition on the source"


def _listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
