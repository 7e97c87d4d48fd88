"""Who reaches what: every source of connections.yaml tries every destination, and the node's firewall decides."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e import metadata, probes
from tests.e2e.api import Api, pods
from tests.e2e.conftest import Kubectl

pytestmark = pytest.mark.e2e

_TABLE: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("connections.yaml").read_text())
SOURCES: Sequence[dict[str, Any]] = _TABLE["sources"]
DESTINATIONS: Sequence[dict[str, Any]] = _TABLE["destinations"]
NAMES = [destination["name"] for destination in DESTINATIONS]
_PROBED = {source["namespace"]: source.get("labelled") for source in SOURCES if source.get("pod") == probes.NAME}


@dataclass(frozen=True)
class Target:
    """One address of a destination: the Service's and the pod's must both be open or both be shut."""

    destination: str
    address: str
    port: int


@pytest.fixture(scope="module")
def open_from(api: Api, kubectl: Kubectl) -> Iterator[Mapping[str, Mapping[Target, bool]]]:
    """For each source what it reached."""
    with probes.placed(api, _PROBED), metadata.stand_in():
        targets = [target for destination in DESTINATIONS for target in _targets(api, destination)]
        addresses = [(target.address, target.port) for target in targets]

        def asked(source: Mapping[str, Any]) -> Sequence[bool]:
            if "pod" in source:
                return probes.reached_from_pod(kubectl, source, addresses)
            return probes.reached_from_here(addresses)

        def reached(source: Mapping[str, Any]) -> Mapping[Target, bool]:
            own = _own_addresses(api, source)
            found = zip(targets, asked(source), strict=True)
            return {target: reached for target, reached in found if target.address not in own}

        with ThreadPoolExecutor(4) as pool:
            yield dict(zip([source["name"] for source in SOURCES], pool.map(reached, SOURCES), strict=True))


def _own_addresses(api: Api, source: Mapping[str, Any]) -> set[str]:
    """Where a source reaches itself, which no policy is about."""
    found = pods(api, source["namespace"], source["pod"]) if "pod" in source else []
    return {pod["status"]["podIP"] for pod in found}


def _targets(api: Api, destination: Mapping[str, Any]) -> list[Target]:
    name, host, port = destination["name"], destination["host"], destination["port"]
    if not host.endswith(".svc.cluster.local"):
        return [Target(name, host, port)]
    service, namespace = host.split(".")[:2]
    spec = api.get(f"/api/v1/namespaces/{namespace}/services/{service}")["spec"]
    selector = ",".join(f"{key}={value}" for key, value in spec["selector"].items())
    found = api.items(f"/api/v1/namespaces/{namespace}/pods", labelSelector=selector)
    addresses = [spec["clusterIP"], *(pod["status"]["podIP"] for pod in found)]
    return [Target(name, address, port) for address in addresses if address != "None"]  # a headless Service has none


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source["name"])
def test_a_source_reaches_what_it_may_and_nothing_else(
    source: Mapping[str, Any], open_from: Mapping[str, Mapping[Target, bool]]
) -> None:
    """At the Service's address and at the pod's."""
    tried = {
        target: reached
        for target, reached in open_from[source["name"]].items()
        if target.destination not in source.get("untried", [])
    }
    assert tried == {target: target.destination in source["open"] for target in tried}


@pytest.mark.parametrize("name", NAMES)
def test_every_destination_is_reached_by_somebody(name: str, open_from: Mapping[str, Mapping[Target, bool]]) -> None:
    """What nobody reaches may as well not be there: its refusals would prove nothing."""
    assert any(
        reached and target.destination == name for found in open_from.values() for target, reached in found.items()
    )


def test_tritons_own_grpc_port_is_shut_even_from_the_node(api: Api) -> None:
    """It listens on the pod's loopback only, behind what ends mutual TLS."""
    addresses = [(pod["status"]["podIP"], 9001) for pod in pods(api, "inference", "triton")]
    assert addresses
    assert not any(probes.reached_from_here(addresses))
