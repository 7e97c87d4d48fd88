"""How a VPC's addresses are divided."""

from dataclasses import dataclass
from ipaddress import IPv4Network
from itertools import islice


@dataclass(frozen=True)
class SubnetPlan:
    """CIDRs by use, one a zone: nodes (with their pods), interface endpoints, control plane, load balancer."""

    nodes: tuple[IPv4Network, ...]
    endpoints: tuple[IPv4Network, ...]
    control_plane: tuple[IPv4Network, ...]
    edge: tuple[IPv4Network, ...]

    @classmethod
    def of(cls, vpc: IPv4Network, *, zones: int) -> "SubnetPlan":
        """Three quarters of the VPC for nodes, the rest for endpoints (/26), control plane (/28) and edge (/27).

        EKS wants 6 free addresses in each of its subnets, an Application Load Balancer 8 in a /27 or wider.
        """
        *quarters, last = vpc.subnets(prefixlen_diff=2)
        endpoints, control_plane, edge = islice(last.subnets(prefixlen_diff=2), 3)
        return cls(
            nodes=tuple(quarters[:zones]),
            endpoints=tuple(islice(endpoints.subnets(new_prefix=26), zones)),
            control_plane=tuple(islice(control_plane.subnets(new_prefix=28), zones)),
            edge=tuple(islice(edge.subnets(new_prefix=27), zones)),
        )
