"""No way in from, and no way out to, the internet."""

import json

import pytest

from infra.addons.cert_manager import WEBHOOK_PORT
from infra.endpoints import INTERFACE_SERVICES
from infra.workloads.gateway import NODE_PORT
from tests.infra.conftest import ACCOUNT, Program

FORBIDDEN = {
    "InternetGateway", "EgressOnlyInternetGateway", "NatGateway", "Eip", "Route", "KeyPair", "Instance"
}  # fmt: skip


def test_nothing_reaches_the_internet(program: Program) -> None:
    """There is no gateway, address or route to the internet, and the load balancer is internal."""
    assert not {resource.type.rpartition(":")[2] for resource in program.resources} & FORBIDDEN
    assert program.only("LoadBalancer")["internal"] is True


def test_route_tables_hold_no_route(program: Program) -> None:
    """Route tables know the VPC's own addresses and nothing else."""
    assert program.of("RouteTable")
    assert all("routes" not in table.inputs for table in program.of("RouteTable"))


def test_subnets_give_no_public_address(program: Program) -> None:
    """No subnet hands out public addresses."""
    assert all(subnet.inputs["mapPublicIpOnLaunch"] is False for subnet in program.of("Subnet"))


def test_subnets_spread_over_zones(prod: Program) -> None:
    """Each use has a subnet in each of three zones."""
    zones: dict[str, set[str]] = {name: set() for name in ("nodes", "endpoints", "control-plane", "edge")}
    for subnet in prod.of("Subnet"):
        zones[subnet.name.rpartition("-")[0]].add(subnet.inputs["availabilityZone"])
    assert {len(found) for found in zones.values()} == {3}


def test_default_group_is_closed(program: Program) -> None:
    """The VPC's default security group has no rule."""
    inputs = program.only("DefaultSecurityGroup")
    assert (inputs["ingress"], inputs["egress"]) == ([], [])


def test_every_rule_names_its_peer(program: Program) -> None:
    """Rules name a group or a prefix list and a range of ports; only the load balancer's clients are addresses."""
    rules = program.of("SecurityGroupIngressRule") + program.of("SecurityGroupEgressRule")
    clients = [rule.inputs for rule in rules if "cidrIpv4" in rule.inputs]
    assert {(each["securityGroupId"], each["cidrIpv4"], each["fromPort"]) for each in clients} == {
        ("edge-group-id", "10.0.0.0/16", port) for port in (443, 80)
    }
    assert all({"referencedSecurityGroupId", "prefixListId", "cidrIpv4"} & set(rule.inputs) for rule in rules)
    assert all("cidrIpv6" not in rule.inputs and rule.inputs["ipProtocol"] in {"tcp", "udp"} for rule in rules)
    assert all(rule.inputs["toPort"] - rule.inputs["fromPort"] <= 80 for rule in rules)


def test_load_balancer_reaches_the_gateway_port_only(program: Program) -> None:
    """From the load balancer there is one way on: to the gateway's port of the nodes."""
    ways = [
        rule.inputs
        for rule in program.of("SecurityGroupEgressRule")
        if rule.inputs["securityGroupId"] == "edge-group-id"
    ]
    assert [(way["referencedSecurityGroupId"], way["fromPort"], way["toPort"]) for way in ways] == [
        ("nodes-group-id", NODE_PORT, NODE_PORT)
    ]


def test_control_plane_reaches_kubelets_metrics_and_webhooks_only(program: Program) -> None:
    """The API server calls kubelets, the metrics API and the two admission webhooks of add-ons, and both ends say so."""
    peer = "referencedSecurityGroupId"
    out = [each.inputs for each in program.of("SecurityGroupEgressRule")]
    into = [each.inputs for each in program.of("SecurityGroupIngressRule")]
    sent = {(each["fromPort"], each["toPort"]) for each in out if each["securityGroupId"] == "control-plane-group-id"}
    admitted = {
        (each["fromPort"], each["toPort"])
        for each in into
        if each["securityGroupId"] == "nodes-group-id" and each.get(peer) == "control-plane-group-id"
    }
    assert sent == admitted == {(10250, 10251), (WEBHOOK_PORT, WEBHOOK_PORT), (9443, 9443)}


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
    """Every statement is limited to this account's principals or roles, or to reading buckets that AWS owns."""
    for endpoint in program.of("VpcEndpoint"):
        for statement in json.loads(endpoint.inputs["policy"])["Statement"]:
            limits = statement.get("Condition", {}).get("StringEquals", {})
            principals = limits.get("aws:PrincipalAccount") == ACCOUNT
            roles = statement["Resource"] == f"arn:aws:iam::{ACCOUNT}:role/*"
            of_aws = statement["Sid"] == "BucketsOfAws" and statement["Action"] == "s3:GetObject"
            assert principals or roles or of_aws


def test_nothing_is_written_to_another_account_through_s3(program: Program) -> None:
    """The S3 endpoint passes writes to buckets of this account only, and reads of two of AWS's."""
    (s3,) = [each.inputs for each in program.of("VpcEndpoint") if each.inputs["serviceName"].endswith(".s3")]
    own, aws = json.loads(s3["policy"])["Statement"]
    assert own["Condition"]["StringEquals"]["aws:ResourceAccount"] == ACCOUNT
    assert aws["Resource"] == [
        "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*",
        "arn:aws:s3:::al2023-repos-us-east-1-de612dc2/*",
    ]


@pytest.mark.parametrize("service", ["kms", "logs", "secretsmanager", "sts"])
def test_endpoints_of_data_services_reach_this_accounts_resources_only(prod: Program, service: str) -> None:
    """Where AWS knows the resource's account, it must be this one."""
    (endpoint,) = [each.inputs for each in prod.of("VpcEndpoint") if each.inputs["serviceName"].endswith(f".{service}")]
    own = json.loads(endpoint["policy"])["Statement"][0]
    assert own["Condition"]["StringEqualsIfExists"] == {"aws:ResourceAccount": ACCOUNT}


def test_flow_logs_are_complete_encrypted_and_kept(program: Program) -> None:
    """All traffic is logged to an encrypted group that is kept for six years."""
    assert program.only("FlowLog")["trafficType"] == "ALL"
    group = program.only("LogGroup", "flow-logs")
    assert group["kmsKeyId"].endswith("logs-key")
    assert group["retentionInDays"] >= 2192


def test_dns_queries_are_logged(program: Program) -> None:
    """Every name that the VPC's resolver is asked for is recorded, encrypted and kept."""
    group = program.only("LogGroup", "dns-queries")
    assert group["kmsKeyId"].endswith("logs-key")
    assert group["retentionInDays"] >= 2192
    assert program.only("ResolverQueryLogConfigAssociation")["resourceId"] == "vpc-id"
