"""Small stacks in state form: what `pulumi stack export` would say of a few resources."""

import json
from collections.abc import Mapping
from typing import Any

from policies.checkov.state import Deployed


def urn(kind: str, name: str, parent: str = "") -> str:
    """The URN of a resource of stack dev, below a component of type `parent`."""
    return f"urn:pulumi:dev::inference::{parent + '$' if parent else ''}{kind}::{name}"


def deployed(kind: str, name: str, inputs: Mapping[str, Any], **references: str) -> Deployed:
    """A resource; `references` gives an input the URN that its value came from."""
    return Deployed(
        urn=urn(kind, name), type=kind, inputs=inputs, references={key: (source,) for key, source in references.items()}
    )


def entry(kind: str, name: str, inputs: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A resource as an export has it; `more` are further keys of the entry."""
    return {"urn": urn(kind, name), "custom": True, "type": kind, "inputs": inputs, **more}


def export(*entries: Mapping[str, Any]) -> str:
    """What `pulumi stack export` prints."""
    return json.dumps({"version": 3, "deployment": {"resources": entries}})
