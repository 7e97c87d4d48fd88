"""The printed table of resource types."""

from local.aws.resources import RESOURCES
from local.aws.types import table


def test_lists_every_type_and_how_it_is_emulated() -> None:
    """One row a type; what moto lacks is said to be remembered."""
    rows = {line.split("`")[1]: line for line in table().splitlines() if line.startswith("| `aws:")}
    assert set(rows) == set(RESOURCES)
    assert "remembered" in rows["aws:eks/addon:Addon"]
    assert "applied to moto" in rows["aws:eks/cluster:Cluster"]
    assert "`enableDnsHostnames`" in rows["aws:ec2/vpc:Vpc"]
