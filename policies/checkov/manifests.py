"""Kubernetes resources as plain manifests: the form in which Checkov's `kubernetes` framework reads them."""

from collections.abc import Mapping
from typing import Any

from policies.checkov.state import Deployed
from policies.errors import PolicyError

Manifest = Mapping[str, Any]


def manifest(resource: Deployed) -> Manifest:
    """What the API server was sent; raises PolicyError for a resource that is more than one object (such as a chart)."""
    inputs = resource.inputs
    if not {"apiVersion", "kind"} <= set(inputs):
        raise PolicyError(f"{resource.label}: it is no single Kubernetes object, and this check reads only those.")
    metadata = {"name": resource.name, **(inputs.get("metadata") or {})}
    return {**inputs, "metadata": metadata}
