"""Reading IAM policy documents, whose every field may be one value or a list of them."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

CALLER_KEY = re.compile(
    r"aws:(principal(account|arn|orgid|orgpaths|tag/.+)|userid|username|vpcsourceip"
    r"|source(account|arn|ip|orgid|orgpaths|owner|vpc|vpcarn|vpce))|kms:calleraccount",
    re.IGNORECASE,
)
"""Condition keys that say who may ask, or from where."""
RESOURCE_KEY = re.compile(r"(aws|s3):resource(account|orgid|orgpaths)", re.IGNORECASE)
"""Condition keys that say whose resources may be asked for."""
SOURCE_KEY = re.compile(
    r"aws:source(account|arn|orgid|orgpaths|owner)|kms:(calleraccount|viaservice|encryptioncontext:.+)", re.IGNORECASE
)
"""Condition keys that say on whose behalf an AWS service acts."""
TELLS_NO_SOURCE = (("events.amazonaws.com",), ("sns:Publish",))
"""Service and action of which AWS tells no source, so that a condition would refuse all:
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions"""
ALL_BUT = ("NotAction", "NotResource", "NotPrincipal")
ROOT = re.compile(r"\d{12}|arn:[^:]*:iam::\d{12}:root")
"""An account as a principal, which leaves to its own policies who may do what."""
OWN_PREFIX = re.compile(r"/AWSLogs/\d{12}/")
"""Where log delivery writes for one account; AWS itself puts in the number of the account whose logs they are."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy document, with lists where the document may have single values.

    What `NotAction`, `NotResource` and `NotPrincipal` leave out is not listed: `all_but` says that they are there.
    """

    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    principals: Mapping[str, tuple[str, ...]]
    conditions: Mapping[str, Mapping[str, Any]]
    all_but: frozenset[str] = frozenset()

    @property
    def allows(self) -> bool:
        """Whether it grants rather than denies."""
        return self.effect == "Allow"

    @property
    def anyone(self) -> bool:
        """Whether its principal is everybody."""
        return any("*" in names for names in self.principals.values())

    @property
    def every_action(self) -> tuple[str, ...]:
        """Actions that stand for all of a service, or all but some."""
        wild = tuple(action for action in self.actions if action == "*" or action.endswith(":*"))
        return (*wild, "all but some (NotAction)") if "NotAction" in self.all_but else wild

    @property
    def overpowered(self) -> tuple[str, ...]:
        """Principals that it allows every action; an account's root is none, as it stands for the policies of IAM there."""
        named = (each for names in self.principals.values() for each in names)
        return tuple(each for each in named if not ROOT.fullmatch(each)) if self.allows and self.every_action else ()

    @property
    def denies_everybody(self) -> bool:
        """Whether it denies to every principal, unconditionally."""
        return self.effect == "Deny" and self.anyone and not self.conditions

    def names_action(self, action: str) -> bool:
        """Whether one action, such as `s3:PutObject`, is among its actions or matches their wildcards."""
        return any(fnmatchcase(action.lower(), each.lower()) for each in self.actions) or "NotAction" in self.all_but

    def names_resource(self, arn: str) -> bool:
        """Whether one resource is among its resources or matches their wildcards."""
        return any(fnmatchcase(arn, each) for each in self.resources) or "NotResource" in self.all_but

    @property
    def services(self) -> tuple[str, ...]:
        """The AWS services among its principals."""
        return self.principals.get("Service", ())

    @property
    def limited_to_a_source(self) -> bool:
        """Whether it says on whose behalf an AWS service must act, as far as the service can tell."""
        own = bool(self.resources) and all(OWN_PREFIX.search(resource) for resource in self.resources)
        return own or (self.services, self.actions) == TELLS_NO_SOURCE or self.limited_by(SOURCE_KEY)

    def limited_by(self, keys: re.Pattern[str]) -> bool:
        """Whether a condition on one of these keys must hold; one that a wildcard alone meets is none."""
        return any(
            keys.fullmatch(key) and all(set(value) - set("*?:") for value in _listed(block[key]))
            for operator, block in self.conditions.items()
            if not any(word in operator for word in ("Not", "Null", "IfExists"))
            for key in block
        )


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
            all_but=frozenset(name for name in ALL_BUT if name in item),
        )


def unlimited(document: str | Mapping[str, Any]) -> Iterator[str]:
    """What a document allows to everybody, to an AWS service whoever asked it, or without any limit, a sentence each."""
    for statement in statements(document):
        actions = ", ".join(statement.actions)
        if statement.allows and "NotPrincipal" in statement.all_but:
            yield f"{actions} is allowed to everybody but some (NotPrincipal)"
        elif statement.allows and statement.anyone and not statement.limited_by(CALLER_KEY):
            yield f"{actions} is allowed to principal * without a condition on the caller"
        elif statement.allows and statement.services and not statement.limited_to_a_source:
            yield f"{actions} is allowed to {', '.join(statement.services)} without a condition on the source"
        elif statement.overpowered:
            yield f"{', '.join(statement.every_action)} is allowed to {', '.join(statement.overpowered)}, expected single actions"


def _listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
