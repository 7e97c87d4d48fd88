"""The namespaces as an API server would be given them."""

from typing import Any

import pytest

from infra.workloads.namespaces import NAMES, Namespaces, NamespacesArgs, spaces
from tests.infra.components import Component, run_component

MODES = ("enforce", "warn", "audit")


@pytest.fixture(scope="module")
def made() -> Component:
    """The namespaces of a cluster of 1.35."""

    def build() -> None:
        Namespaces("namespaces", NamespacesArgs("1.35", load_tested=True))

    return run_component(build)


def levels(made: Component, name: str) -> dict[str, str]:
    """Level of Pod Security by mode."""
    labels = made.only("Namespace", name)["metadata"]["labels"]
    return {mode: labels[f"pod-security.kubernetes.io/{mode}"] for mode in MODES}


def egress(made: Component, name: str) -> list[dict[str, Any]]:
    """Everything that the pods of a namespace may call by its own policies."""
    policies = [each.inputs for each in made.of("NetworkPolicy") if each.inputs["metadata"]["namespace"] == name]
    return [rule for policy in policies for rule in policy["spec"].get("egress", [])]


def test_there_is_one_namespace_for_each_kind_of_trust(made: Component) -> None:
    """Each says in a sentence what its pods see, and is known as the stack's."""
    assert (
        {each.name for each in made.of("Namespace")}
        == {"gateway", "inference", "observability", "system", "audit", "loadtest"}
        == set(NAMES)
    )
    for each in made.of("Namespace"):
        metadata = each.inputs["metadata"]
        assert metadata["labels"]["app.kubernetes.io/part-of"] == "inference"
        assert metadata["annotations"]["inference/trust"].endswith(".")
    assert len({space.trust for space in spaces(load_tested=True)}) == len(NAMES)


def test_the_namespace_of_load_tests_is_there_only_for_a_caller_in_it() -> None:
    """A stack that nobody loads has none."""

    def build() -> None:
        Namespaces("namespaces", NamespacesArgs("1.35"))

    made = run_component(build)
    assert {each.name for each in made.of("Namespace")} == set(NAMES) - {"loadtest"}


def test_pods_are_restricted_everywhere_but_on_gpu_nodes(made: Component) -> None:
    """Only `system`, whose DaemonSets mount the node's sockets, refuses less; there, too, everything else is warned of."""
    restricted = dict.fromkeys(MODES, "restricted")
    assert {name: levels(made, name) for name in NAMES} == {
        "gateway": restricted,
        "inference": restricted,
        "observability": restricted,
        "audit": restricted,
        "loadtest": restricted,
        "system": {**restricted, "enforce": "privileged"},
    }


def test_levels_are_those_of_the_clusters_version(made: Component) -> None:
    """A new version of Kubernetes asks no more of pods before the stack is at that version."""
    for each in made.of("Namespace"):
        labels = each.inputs["metadata"]["labels"]
        assert {labels[f"pod-security.kubernetes.io/{mode}-version"] for mode in MODES} == {"v1.35"}


@pytest.mark.parametrize("name", NAMES)
def test_every_namespace_denies_by_default_and_finds_names(made: Component, name: str) -> None:
    """A policy without rules selects every pod in both directions; another lets them ask the cluster's DNS."""
    deny = made.only("NetworkPolicy", f"{name}-default-deny")
    assert deny["metadata"]["namespace"] == name
    assert deny["spec"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    dns = made.only("NetworkPolicy", f"{name}-dns")["spec"]
    assert dns["podSelector"] == {}
    (rule,) = dns["egress"]
    assert rule["to"] == [
        {
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
            "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
        }
    ]
    assert {(port["port"], port["protocol"]) for port in rule["ports"]} == {(53, "UDP"), (53, "TCP")}


def test_observability_calls_the_metrics_ports_and_nothing_else(made: Component) -> None:
    """Triton's in `inference` and the DCGM exporter's in `system`; the others call nothing but DNS."""
    called = {
        (peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"], port["port"])
        for rule in egress(made, "observability")
        for peer in rule["to"]
        for port in rule["ports"]
    }
    assert called == {("kube-system", 53), ("inference", 8002), ("system", 9400)}
    assert {
        name: len(egress(made, name)) for name in ("gateway", "inference", "system", "audit", "loadtest")
    } == dict.fromkeys(("gateway", "inference", "system", "audit", "loadtest"), 1)


def test_policies_come_right_after_their_namespace(made: Component) -> None:
    """Each waits for its namespace, and whatever waits for the namespaces waits for them."""
    for each in made.of("NetworkPolicy"):
        assert each.inputs["metadata"]["namespace"] in made.waits_for(each.name)
