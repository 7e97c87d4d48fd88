"""Addresses never overlap, and nodes get most of them."""

from ipaddress import IPv4Network
from itertools import combinations

import pytest

from infra.subnets import SubnetPlan


@pytest.mark.parametrize("prefix", range(16, 21))
@pytest.mark.parametrize("zones", [2, 3])
def test_plan_fits_without_overlap(prefix: int, zones: int) -> None:
    """Every accepted size of VPC holds one disjoint subnet of each use a zone."""
    vpc = IPv4Network(f"10.64.0.0/{prefix}")
    plan = SubnetPlan.of(vpc, zones=zones)
    subnets = [*plan.nodes, *plan.endpoints, *plan.control_plane, *plan.edge]
    assert len(subnets) == 4 * zones
    assert all(subnet.subnet_of(vpc) for subnet in subnets)
    assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))
    assert {subnet.prefixlen for subnet in plan.nodes} == {prefix + 2}
