"""Ports that are taken."""

import os
import socket

import pytest

from local.errors import LocalError
from local.node import ports
from local.node.addresses import Endpoint


@pytest.mark.parametrize("bound", ["127.0.0.1", "0.0.0.0"])
def test_a_taken_port_is_refused_with_its_holder(bound: str) -> None:
    """A listener on the same address, or on every address, is named with its pid."""
    with socket.create_server((bound, 0)) as server:
        endpoint = Endpoint("127.0.0.1", server.getsockname()[1])
        with pytest.raises(LocalError, match=rf"Port {endpoint} is taken by .+ \(pid {os.getpid()}\)"):
            ports.refuse_taken([endpoint])


def test_a_listener_on_every_ipv6_address_takes_the_port_too() -> None:
    """A dual-stack listener shows up in another table of the kernel."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        endpoint = Endpoint("127.0.0.1", server.getsockname()[1])
        with pytest.raises(LocalError, match=f"Port {endpoint} is taken"):
            ports.refuse_taken([endpoint])


def test_a_listener_on_another_address_is_no_obstacle() -> None:
    """The same port on another address of this machine is free."""
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]
        ports.refuse_taken([Endpoint("127.0.0.1", port)])
        assert ports.is_listening(Endpoint("127.0.0.2", port))
        assert not ports.is_listening(Endpoint("127.0.0.1", port))
