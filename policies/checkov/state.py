"""A stack's exported state (`pulumi stack export`): what providers manage, with its inputs and where those came from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from local.aws.codec import SIGNATURE
from policies.errors import PolicyError

_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - what SIGNATURE says of a secret


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """One managed resource. `references` names, for each input, the URNs of the resources that its value came from."""

    urn: str
    type: str
    inputs: Mapping[str, Any]
    references: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Its logical name."""
        return self.urn.split("::", 3)[3]

    @property
    def label(self) -> str:
        """How findings and accepted entries name it: `<type>::<logical name>`."""
        return f"{self.type}::{self.name}"


def read_state(text: str) -> tuple[Deployed, ...]:
    """The managed resources of an export; raises PolicyError for a text that is none, or that has no resource.

    Components and providers are left out, and resources that only wait for their deletion. Secrets and files become
    the words "(secret)" and "(file)": no check needs their content.
    """
    try:
        entries = json.loads(text)["deployment"]["resources"]
        found = tuple(_deployed(entry) for entry in entries if _managed(entry))
    except (ValueError, KeyError, TypeError) as error:
        raise PolicyError("The state is not what `pulumi stack export` writes.") from error
    if not found:
        raise PolicyError("The state has no resource: export a stack that was deployed.")
    return found


def _managed(entry: Mapping[str, Any]) -> bool:
    kind: str = entry["type"]
    return bool(entry.get("custom")) and not kind.startswith("pulumi:") and not entry.get("delete")


def _deployed(entry: Mapping[str, Any]) -> Deployed:
    return Deployed(
        urn=entry["urn"],
        type=entry["type"],
        inputs=_readable(entry.get("inputs") or {}),
        references={key: tuple(urns) for key, urns in (entry.get("propertyDependencies") or {}).items() if urns},
    )


def _readable(value: Any) -> Any:
    """The value without the engine's own keys (`__defaults`, …), and with words for what is not plain data."""
    match value:
        case dict() if value.get(SIGNATURE) == _SECRET:
            return "(secret)"
        case dict() if SIGNATURE in value:
            return "(file)"
        case dict():
            return {key: _readable(item) for key, item in value.items() if not key.startswith("__")}
        case list():
            return [_readable(item) for item in value]
        case _:
            return value
