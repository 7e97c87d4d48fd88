"""A VPC without a way to the internet: no internet gateway, no NAT, endpoints for what the cluster calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.endpoints import Endpoints, EndpointsArgs
from infra.network_logs import NetworkLogs, NetworkLogsArgs
from infra.security_groups import SecurityGroups, SecurityGroupsArgs
from infra.subnets import SubnetPlan

# Zones in which EKS has no control plane: the service refuses subnets there.
_ZONES_WITHOUT_EKS = ["use1-az3", "usw1-az2", "cac1-az3"]


@dataclass(frozen=True)
class NetworkArgs:
    """`zones` subnets of each use are cut from `cidr`.

    Clients in `client_cidrs` may call the load balancer, which may call `gateway_port` of the nodes; `tunnel` is
    whether there is a group for the tunnel instance; `inherited` names the services that the organisation runs.
    """

    context: Context
    cidr: IPv4Network
    zones: int
    logs_key_arn: pulumi.Input[str]
    client_cidrs: Sequence[IPv4Network]
    gateway_port: int
    tunnel: bool = False
    inherited: frozenset[str] = frozenset()


class Network(pulumi.ComponentResource):
    """VPC, subnets, route tables, endpoints, security groups and their logs."""

    vpc_id: pulumi.Output[str]
    node_subnet_ids: list[pulumi.Output[str]]
    control_plane_subnet_ids: list[pulumi.Output[str]]
    edge_subnet_ids: list[pulumi.Output[str]]
    endpoint_cidrs: tuple[str, ...]
    edge_cidrs: tuple[str, ...]
    security_groups: SecurityGroups

    def __init__(self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:network:Network", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        vpc = aws.ec2.Vpc(
            "vpc",
            cidr_block=str(args.cidr),
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags={"Name": args.context.name},
            opts=self._here,
        )
        self.vpc_id = vpc.id
        # The default group and its allow-all rules exist in every VPC; adopting it without rules closes it.
        aws.ec2.DefaultSecurityGroup("default-closed", vpc_id=vpc.id, ingress=[], egress=[], opts=self._here)
        NetworkLogs(
            "network-logs",
            NetworkLogsArgs(
                args.context, vpc.id, args.logs_key_arn, dns_queries="dns-query-logs" not in args.inherited
            ),
            self._here,
        )
        plan = SubnetPlan.of(args.cidr, zones=args.zones)
        table = self._route_table("private")
        self.node_subnet_ids = self._subnets("nodes", plan.nodes, table)
        endpoint_subnet_ids = self._subnets("endpoints", plan.endpoints, table)
        self.control_plane_subnet_ids = self._subnets(
            "control-plane", plan.control_plane, self._route_table("control-plane")
        )
        self.edge_subnet_ids = self._subnets("edge", plan.edge, self._route_table("edge"))
        self.endpoint_cidrs = tuple(map(str, plan.endpoints))
        self.edge_cidrs = tuple(map(str, plan.edge))
        self._endpoints_and_groups(table, endpoint_subnet_ids)
        self.register_outputs({})

    def _endpoints_and_groups(
        self, table: aws.ec2.RouteTable, endpoint_subnet_ids: Sequence[pulumi.Output[str]]
    ) -> None:
        args = self._args
        self.security_groups = SecurityGroups(
            "security-groups",
            SecurityGroupsArgs(
                name=args.context.name,
                vpc_id=self.vpc_id,
                client_cidrs=args.client_cidrs,
                gateway_port=args.gateway_port,
                tunnel=args.tunnel,
            ),
            self._here,
        )
        endpoints = Endpoints(
            "endpoints",
            EndpointsArgs(
                account=args.context.account,
                vpc_id=self.vpc_id,
                subnet_ids=endpoint_subnet_ids,
                security_group_id=self.security_groups.endpoints_id,
                route_table_id=table.id,
            ),
            self._here,
        )
        self.security_groups.admit_s3(endpoints.s3_prefix_list_id)

    def _route_table(self, use: str) -> aws.ec2.RouteTable:
        """A table with the VPC's own route and nothing else (the S3 endpoint adds its own to `private`)."""
        tags = {"Name": f"{self._args.context.name}-{use}"}
        return aws.ec2.RouteTable(f"{use}-routes", vpc_id=self.vpc_id, tags=tags, opts=self._here)

    def _subnets(self, use: str, cidrs: Sequence[IPv4Network], table: aws.ec2.RouteTable) -> list[pulumi.Output[str]]:
        zones = aws.get_availability_zones_output(
            state="available",
            exclude_zone_ids=_ZONES_WITHOUT_EKS,
            filters=[{"name": "opt-in-status", "values": ["opt-in-not-required"]}],
            opts=pulumi.InvokeOptions(parent=self),
        ).names
        ids = []
        for number, cidr in enumerate(cidrs):
            subnet = aws.ec2.Subnet(
                f"{use}-{number}",
                vpc_id=self.vpc_id,
                cidr_block=str(cidr),
                availability_zone=zones[number],
                map_public_ip_on_launch=False,
                tags={"Name": f"{self._args.context.name}-{use}-{number}"},
                opts=self._here,
            )
            aws.ec2.RouteTableAssociation(
                f"{use}-{number}-routes", subnet_id=subnet.id, route_table_id=table.id, opts=self._here
            )
            ids.append(subnet.id)
        return ids
