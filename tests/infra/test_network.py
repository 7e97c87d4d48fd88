"""No way in from, and no way out to, the internet."""

import json

from infra.endpoints import INTERFACE_SERVICES
from tests.infra.conftest import ACCOUNT, Program

FORBIDDEN = {
    "InternetGateway", "EgressOnlyInternetGateway", "NatGateway", "Eip", "Route", "LoadBalancer", "KeyPair", "Instance"
}  # fmt: skip


def test_nothing_reaches_the_internet(program: Program) -> None:
    """There is no gateway, address, route or load balancer to the internet."""
    assert not {resource.type.rpartition(":")[2] for resource in program.resources} & FORBIDDEN


def test_route_tables_hold_no_route(program: Program) -> None:
    """Route tables know the VPC's own addresses and nothing else."""
    assert program.of("RouteTable")
    assert all("routes" not in table.inputs for table in program.of("RouteTable"))


def test_subnets_give_no_public_address(program: Program) -> None:
    """No subnet hands out public addresses."""
    assert all(subnet.inputs["mapPublicIpOnLaunch"] is False for subnet in program.of("Subnet"))


def test_subnets_spread_over_zones(prod: Program) -> None:
    """Each use has a subnet in each of three zones."""
    zones: dict[str, set[str]] = {name: set() for name in ("nodes", "endpoints", "control-plane")}
    for subnet in prod.of("Subnet"):
        zones[subnet.name.rpartition("-")[0]].add(subnet.inputs["availabilityZone"])
    assert {len(found) for found in zones.values()} == {3}


def test_default_group_is_closed(program: Program) -> None:
    """The VPC's default security group has no rule."""
    inputs = program.only("DefaultSecurityGroup")
    assert (inputs["ingress"], inputs["egress"]) == ([], [])


def test_every_rule_names_its_peer(program: Program) -> None:
    """Security group rules name a group or a prefix list, never a range of addresses, and one range of ports."""
    rules = program.of("SecurityGroupIngressRule") + program.of("SecurityGroupEgressRule")
    assert len(rules) == 13
    for rule in rules:
        assert {"cidrIpv4", "cidrIpv6"}.isdisjoint(rule.inputs)
        assert {"referencedSecurityGroupId", "prefixListId"} & set(rule.inputs)
        assert rule.inputs["ipProtocol"] in {"tcp", "udp"}


def test_groups_hold_no_rules_of_their_own(program: Program) -> None:
    """Groups are made without inline rules, which would fight with the rule resources."""
    assert all({"ingress", "egress"}.isdisjoint(group.inputs) for group in program.of("SecurityGroup"))


def test_endpoints_cover_what_a_private_cluster_calls(program: Program) -> None:
    """There is an endpoint for every service that nodes and pods call, and each interface one has private DNS."""
    endpoints = {each.inputs["serviceName"].split(".", 3)[3]: each.inputs for each in program.of("VpcEndpoint")}
    assert set(endpoints) == {"s3", *INTERFACE_SERVICES}
    assert {"ecr.api", "ecr.dkr", "ec2", "sts", "eks", "eks-auth", "logs", "kms"} <= set(endpoints)
    for service in INTERFACE_SERVICES:
        assert endpoints[service]["privateDnsEnabled"] is True
        assert endpoints[service]["securityGroupIds"] == ["endpoints-group-id"]


def test_endpoint_policies_admit_this_account_only(program: Program) -> None:
    """Every statement is limited to this account's principals or roles, or to the bucket of image layers."""
    for endpoint in program.of("VpcEndpoint"):
        for statement in json.loads(endpoint.inputs["policy"])["Statement"]:
            limited = statement.get("Condition") == {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}
            roles = statement["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/*"
            layers = statement["Resource"] == "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*"
            assert limited or roles or layers


def test_flow_logs_are_complete_encrypted_and_kept(program: Program) -> None:
    """All traffic is logged to an encrypted group that is kept for six years."""
    assert program.only("FlowLog")["trafficType"] == "ALL"
    group = program.only("LogGroup", "flow-logs")
    assert group["kmsKeyId"].endswith("logs-key")
    assert group["retentionInDays"] >= 2192
