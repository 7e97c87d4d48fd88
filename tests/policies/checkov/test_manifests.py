"""Kubernetes resources are written down as the API server is sent them."""

import pytest

from policies.checkov.manifests import manifest
from policies.errors import PolicyError
from tests.policies.checkov.stacks import deployed


def test_a_manifest_is_what_the_program_asked_for() -> None:
    """Nothing is renamed: the SDK's wire names are Kubernetes' own."""
    inputs = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "triton", "namespace": "inference"},
        "spec": {"clusterIP": "None"},
    }
    assert manifest(deployed("kubernetes:core/v1:Service", "triton", inputs)) == inputs


def test_an_object_without_a_name_has_its_logical_one() -> None:
    """The provider makes one up from it; Checkov leaves out what has none."""
    bare = deployed("kubernetes:core/v1:Namespace", "gateway", {"apiVersion": "v1", "kind": "Namespace"})
    assert manifest(bare)["metadata"] == {"name": "gateway"}


def test_a_chart_is_refused() -> None:
    """It stands for objects that are not in the state."""
    with pytest.raises(PolicyError, match="no single Kubernetes object"):
        manifest(deployed("kubernetes:helm.sh/v3:Release", "dcgm", {"chart": "dcgm-exporter"}))
