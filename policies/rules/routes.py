"""Routes between the VPC and the internet."""

from collections.abc import Iterator

from policies.rules.exposure import INTERNET_GATEWAYS, private
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule

ROUTE = "aws:ec2/route:Route"
TABLES = ("aws:ec2/routeTable:RouteTable", "aws:ec2/defaultRouteTable:DefaultRouteTable")
DESTINATIONS = ("destinationCidrBlock", "destinationIpv6CidrBlock", "cidrBlock", "ipv6CidrBlock")


@relation_rule(
    "route-not-to-internet",
    ROUTE,
    *TABLES,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="remove the route, and reach AWS services through VPC endpoints.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/no-unrestricted-route-to-igw.html",
)
def route_not_to_internet(resource: Resource, stack: Stack) -> Findings:
    """No route leads to public addresses through an internet gateway."""
    by = "gatewayId" if resource.type == ROUTE else "routes"
    through_gateway = bool(stack.named(resource, *INTERNET_GATEWAYS, by=by, identity=("id",)))
    for route in [resource.props] if resource.type == ROUTE else resource.items("routes"):
        for cidr in _public(route):
            if through_gateway or str(route.get("gatewayId") or "").startswith("igw-"):
                yield f"{cidr} is routed to an internet gateway, expected no such route"


def _public(route: Properties) -> Iterator[str]:
    return (route[name] for name in DESTINATIONS if route.get(name) and not private(route[name]))
