"""The admission policies as the program registers them."""

from typing import Any

import pulumi
import pytest

from infra.config_types import Mig
from infra.workloads.admission.component import AdmissionPolicies, AdmissionPoliciesArgs
from tests.infra.components import Component, run_component

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com/inference-test/"


def admission(sharing: Mig | None = None) -> Component:
    """The component by itself, with a registry that is known only once it is made."""

    def build() -> None:
        AdmissionPolicies("admission", AdmissionPoliciesArgs([pulumi.Output.from_input(REGISTRY)], sharing))

    return run_component(build)


@pytest.fixture(scope="module")
def registered() -> Component:
    """The policies of a stack that shares no GPU."""
    return admission()


def policies(registered: Component) -> dict[str, dict[str, Any]]:
    return {each.inputs["metadata"]["name"]: each.inputs["spec"] for each in registered.of("ValidatingAdmissionPolicy")}


def bindings(registered: Component) -> dict[str, dict[str, Any]]:
    found = registered.of("ValidatingAdmissionPolicyBinding")
    return {each.inputs["spec"]["policyName"]: each.inputs["spec"] for each in found}


def test_every_policy_is_bound_and_denies(registered: Component) -> None:
    """A policy without a binding judges nothing; one that fails, or whose server is slow, refuses."""
    assert policies(registered).keys() == bindings(registered).keys()
    assert {spec["failurePolicy"] for spec in policies(registered).values()} == {"Fail"}
    for spec in bindings(registered).values():
        assert spec["validationActions"] == ["Deny", "Audit"]


def test_policies_hold_wherever_the_stacks_label_is(registered: Component) -> None:
    """All namespaces with the label, but for who may enter pods, for the namespaces, and for what is good in all of them."""
    by_label = {"namespaceSelector": {"matchLabels": {"app.kubernetes.io/part-of": "inference"}}}
    others = {
        name: spec.get("matchResources")
        for name, spec in bindings(registered).items()
        if spec.get("matchResources") != by_label
    }
    names = {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["gateway", "inference"]}
    assert others == {
        "inference-interactive": {"namespaceSelector": {"matchExpressions": [names]}},
        "inference-namespaces": None,
        "inference-certificates": None,
        "inference-certificate-requests": None,
        "inference-issuers": None,
    }


def test_images_are_of_the_given_registry(registered: Component) -> None:
    """The registry's name comes from the account, as an output."""
    variables = {each["name"]: each["expression"] for each in policies(registered)["inference-images"]["variables"]}
    assert variables["registries"] == f'["{REGISTRY}"]'


def test_every_message_says_what_to_do(registered: Component) -> None:
    """One sentence on what is wrong and one clause on what to do, short enough for the API server (5 KiB)."""
    for name, spec in policies(registered).items():
        for validation in spec["validations"]:
            assert validation["message"].endswith("."), name
            assert {";", ":"} & set(validation["message"]), name
            assert validation["messageExpression"], name
            assert len(validation["message"]) < 400, name


def test_the_device_plugin_gets_a_capability_only_where_gpus_are_partitioned() -> None:
    """NVIDIA's runtime shows partitions to nobody without it; no other pod and no other stack has it."""

    def allowed(component: Component) -> str:
        spec = policies(component)["inference-confinement"]
        (found,) = [str(each["expression"]) for each in spec["variables"] if each["name"] == "capabilities"]
        return found

    assert allowed(admission()) == "[]"
    assert "SYS_ADMIN" in allowed(admission(Mig.model_validate({"strategy": "mig", "migStrategy": "single"})))
