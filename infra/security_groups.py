"""Security groups whose every rule names its peer; only the load balancer's clients are named by address."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network

import pulumi
import pulumi_aws as aws

from infra.addons.cert_manager import WEBHOOK_PORT

HTTPS, HTTP = 443, 80


@dataclass(frozen=True)
class SecurityGroupsArgs:
    """`name` is the first part of the groups' names; the gateway listens on `gateway_port` of its nodes."""

    name: str
    vpc_id: pulumi.Input[str]
    client_cidrs: Sequence[IPv4Network]
    gateway_port: int
    tunnel: bool


@dataclass(frozen=True)
class Flow:
    """Connections from one group to another on a range of ports."""

    source: str
    target: str
    first: int
    last: int
    protocol: str = "tcp"


def flows(gateway_port: int) -> tuple[Flow, ...]:
    """Who may call whom inside the VPC."""
    return (
        Flow("nodes", "control-plane", HTTPS, HTTPS),  # kubelet and pods to the API server
        Flow("control-plane", "nodes", 10250, 10251),  # kubelet (logs, exec); the metrics API of metrics-server
        Flow("control-plane", "nodes", 9443, 9443),  # the admission webhook of the CloudWatch operator
        Flow("control-plane", "nodes", WEBHOOK_PORT, WEBHOOK_PORT),  # the admission webhook of cert-manager
        Flow("nodes", "nodes", 10250, 10250),  # metrics-server to the kubelets
        Flow("nodes", "endpoints", HTTPS, HTTPS),
        Flow("nodes", "nodes", 53, 53),  # CoreDNS
        Flow("nodes", "nodes", 53, 53, protocol="udp"),
        Flow("nodes", "nodes", 8000, 8080),  # the workloads; NetworkPolicies are narrower
        Flow("edge", "nodes", gateway_port, gateway_port),
    )


TUNNEL_FLOWS = (
    Flow("tunnel", "control-plane", HTTPS, HTTPS),
    Flow("tunnel", "endpoints", HTTPS, HTTPS),  # Session Manager's own connection
)


class SecurityGroups(pulumi.ComponentResource):
    """Groups for nodes, control plane, endpoints, load balancer and tunnel, and who of them may call whom."""

    nodes_id: pulumi.Output[str]
    control_plane_id: pulumi.Output[str]
    endpoints_id: pulumi.Output[str]
    edge_id: pulumi.Output[str]
    tunnel_id: pulumi.Output[str] | None

    def __init__(self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:network:SecurityGroups", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        self.nodes_id = self._group("nodes", "Nodes and the pods on them")
        self.control_plane_id = self._group("control-plane", "Network interfaces of the EKS control plane")
        self.endpoints_id = self._group("endpoints", "Interface endpoints of AWS services")
        self.edge_id = self._group("edge", "Load balancer before the gateway")
        self._ids = {
            "nodes": self.nodes_id,
            "control-plane": self.control_plane_id,
            "endpoints": self.endpoints_id,
            "edge": self.edge_id,
        }
        self.tunnel_id = None
        if args.tunnel:
            self.tunnel_id = self._group("tunnel", "Instance that Systems Manager forwards a port through")
            self._ids["tunnel"] = self.tunnel_id
        for flow in (*flows(args.gateway_port), *(TUNNEL_FLOWS if args.tunnel else ())):
            self._allow(flow)
        for port in (HTTPS, HTTP):
            self._admit_clients(port)
        self.register_outputs({})

    def admit_s3(self, prefix_list_id: pulumi.Input[str]) -> None:
        """Lets nodes call S3 through its gateway endpoint."""
        aws.vpc.SecurityGroupEgressRule(
            "nodes-to-s3",
            security_group_id=self.nodes_id,
            prefix_list_id=prefix_list_id,
            ip_protocol="tcp",
            from_port=HTTPS,
            to_port=HTTPS,
            description="nodes to S3",
            opts=self._here,
        )

    def _admit_clients(self, port: int) -> None:
        """Clients outside the VPC have no group to be named by; on the HTTP port they are only sent to HTTPS."""
        for number, cidr in enumerate(self._args.client_cidrs):
            aws.vpc.SecurityGroupIngressRule(
                f"clients-{number}-to-edge-tcp-{port}-in",
                security_group_id=self.edge_id,
                cidr_ipv4=str(cidr),
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                description="clients to edge",
                opts=self._here,
            )

    def _group(self, use: str, description: str) -> pulumi.Output[str]:
        name = f"{self._args.name}-{use}"
        group = aws.ec2.SecurityGroup(
            f"{use}-group",
            name=name,
            description=description,
            vpc_id=self._args.vpc_id,
            tags={"Name": name},
            opts=self._here,
        )
        return group.id

    def _allow(self, flow: Flow) -> None:
        """One connection, written on both its ends."""
        name = f"{flow.source}-to-{flow.target}-{flow.protocol}-{flow.first}"
        for rule, way, here, peer in (
            (aws.vpc.SecurityGroupEgressRule, "out", flow.source, flow.target),
            (aws.vpc.SecurityGroupIngressRule, "in", flow.target, flow.source),
        ):
            rule(
                f"{name}-{way}",
                security_group_id=self._ids[here],
                referenced_security_group_id=self._ids[peer],
                ip_protocol=flow.protocol,
                from_port=flow.first,
                to_port=flow.last,
                description=f"{flow.source} to {flow.target}",
                opts=self._here,
            )
