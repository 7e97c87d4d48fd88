"""How a VPC's addresses are divided."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import islice


@dataclass(frozen=True)
class SubnetPlan:
    """CIDRs by use, one a zone: nodes (with their pods), interface endpoints, the control plane's interfaces."""

    nodes: tuple[IPv4Network, ...]
    endpoints: tuple[IPv4Network, ...]
    control_plane: tuple[IPv4Network, ...]

    @classmethod
    def of(cls, vpc: IPv4Network, *, zones: int) -> "SubnetPlan":
        """Three quarters of the VPC for nodes, the rest for /26 endpoint and /28 control-plane subnets."""
        *quarters, last = vpc.subnets(prefixlen_diff=2)
        endpoints, control_plane = islice(last.subnets(prefixlen_diff=1), 2)
        return cls(
            nodes=tuple(quarters[:zones]),
            endpoints=tuple(islice(endpoints.subnets(new_prefix=26), zones)),
            control_plane=tuple(islice(control_plane.subnets(new_prefix=28), zones)),
        )
