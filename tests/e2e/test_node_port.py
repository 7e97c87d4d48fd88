"""What stands for the load balancer's way to the gateway on this machine's own node."""

import json
import subprocess

import httpx
import pytest

from local.node.addresses import NODE_ADDRESS
from tests.e2e.conftest import own_node

pytestmark = [pytest.mark.e2e, own_node]

NODE_PORT = 30043


def health(address: str, scheme: str = "https") -> httpx.Response:
    """What the gateway answers to the load balancer's question, its certificate not verified."""
    return httpx.get(f"{scheme}://{address}:{NODE_PORT}/healthz", verify=False, timeout=5)


def other_addresses() -> list[str]:
    """Every IPv4 address of this machine but the node's own."""
    listed = json.loads(subprocess.run(["ip", "-json", "-4", "address"], check=True, capture_output=True).stdout)
    found = [entry["local"] for link in listed for entry in link["addr_info"]]
    return [address for address in found if address != NODE_ADDRESS]


def test_the_gateway_answers_the_health_check_over_tls() -> None:
    """At the node port that the load balancer uses on AWS, with a certificate of its own making."""
    assert health(NODE_ADDRESS).status_code == 200


def test_the_gateway_answers_nobody_in_clear() -> None:
    """Without TLS the connection ends without an answer."""
    with pytest.raises(httpx.TransportError):
        health(NODE_ADDRESS, scheme="http")


def test_the_node_port_is_open_on_the_nodes_own_address_only() -> None:
    """No other address of this machine leads to the gateway."""
    assert "127.0.0.1" in other_addresses()
    for address in other_addresses():
        with pytest.raises(httpx.TransportError):
            health(address)
