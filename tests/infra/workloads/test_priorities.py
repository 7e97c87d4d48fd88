"""The priority classes, and who names them."""

import pytest

from infra.workloads.priorities import PRIORITIES, Priorities
from tests.infra.components import Component, run_component
from tests.infra.conftest import Program

LARGEST = 1_000_000_000
"""Of a class that is not Kubernetes' own."""


@pytest.fixture(scope="module")
def made() -> Component:
    """The classes by themselves."""

    def build() -> None:
        Priorities("priorities")

    return run_component(build)


def test_the_gateway_comes_before_triton_and_the_comparison_last(made: Component) -> None:
    """Each class has room above and below it for a fork's own, and stays under those of Kubernetes."""
    values = {each.name: each.inputs["value"] for each in made.of("PriorityClass")}
    assert sorted(values, key=values.__getitem__) == ["inference-comparison", "inference-serving", "inference-gateway"]
    assert 0 < min(values.values()) < max(values.values()) < LARGEST
    assert len(values) == len(PRIORITIES)


def test_only_what_serves_takes_room_from_others(made: Component) -> None:
    """The comparison waits where there is no room."""
    policies = {each.name: each.inputs["preemptionPolicy"] for each in made.of("PriorityClass")}
    assert policies == {
        "inference-gateway": "PreemptLowerPriority",
        "inference-serving": "PreemptLowerPriority",
        "inference-comparison": "Never",
    }


def test_no_class_is_everybodys(made: Component) -> None:
    """A pod that names no class has none of these; each says what it is for."""
    for each in made.of("PriorityClass"):
        assert each.inputs["globalDefault"] is False
        assert each.inputs["description"].endswith(".")


def test_every_pod_of_the_program_names_a_class_that_exists(program: Program) -> None:
    """Or Kubernetes' own for what a GPU node needs; a class that does not exist would refuse the pod."""
    known = {each.inputs["metadata"]["name"] for each in program.of("PriorityClass")}
    deployments = {
        each.name: each.inputs["spec"]["template"]["spec"].get("priorityClassName") for each in program.of("Deployment")
    }
    assert deployments == {
        "gateway": "inference-gateway",
        "triton": "inference-serving",
        "fastapi-svc": "inference-comparison",
        "audit-collector": "inference-gateway",
    }
    assert set(deployments.values()) <= known
    for each in program.of("DaemonSet"):
        assert each.inputs["spec"]["template"]["spec"]["priorityClassName"] == "system-node-critical"
