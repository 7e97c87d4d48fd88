"""Properties in a state's JSON as the engine would send them to a policy pack."""

import json
from collections.abc import Mapping
from typing import Any

from policies.rules.reads import SECRET, SIGNATURE, Encrypted, Path, path_text

REFERENCE = "5cf8f73096256a8f31e491e813e4eb8e"
"""How the engine marks an object that stands for another resource."""
INTERNAL = "__"
"""Properties whose name begins so are the provider's own business, and no pack sees them."""


def values_of(properties: Mapping[str, Any], label: str) -> dict[str, Any]:
    """The properties of the resource with this label."""
    return {key: _value(item, label, (key,)) for key, item in properties.items() if not key.startswith(INTERNAL)}


def _value(value: Any, label: str, path: Path) -> Any:
    if isinstance(value, list):
        return [_value(item, label, (*path, place)) for place, item in enumerate(value)]
    if not isinstance(value, dict):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    if value.get(SIGNATURE) == SECRET:
        return _secret(value, label, path)
    if value.get(SIGNATURE) == REFERENCE:
        return value.get("id") or value["urn"]
    return {key: _value(item, label, (*path, key)) for key, item in value.items() if not key.startswith(INTERNAL)}


def _secret(value: Mapping[str, Any], label: str, path: Path) -> Any:
    if "plaintext" not in value:
        return Encrypted(f"{label} {path_text(path)}")
    return {SIGNATURE: SECRET, "value": _value(json.loads(value["plaintext"]), label, path)}
