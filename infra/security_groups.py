"""Security groups whose every rule names its peer; no rule names an address range."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class SecurityGroupsArgs:
    """`name` is the first part of the groups' names."""

    name: str
    vpc_id: pulumi.Input[str]


class SecurityGroups(pulumi.ComponentResource):
    """Groups for nodes, control plane and endpoints, and who of them may call whom."""

    nodes_id: pulumi.Output[str]
    control_plane_id: pulumi.Output[str]
    endpoints_id: pulumi.Output[str]

    def __init__(self, name: str, args: SecurityGroupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:network:SecurityGroups", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        self.nodes_id = self._group("nodes", "Nodes and the pods on them")
        self.control_plane_id = self._group("control-plane", "Network interfaces of the EKS control plane")
        self.endpoints_id = self._group("endpoints", "Interface endpoints of AWS services")
        ids = {"nodes": self.nodes_id, "control-plane": self.control_plane_id, "endpoints": self.endpoints_id}
        for source, target, protocol, first, last in (
            ("nodes", "control-plane", "tcp", 443, 443),  # kubelet and pods to the API server
            ("control-plane", "nodes", "tcp", 10250, 10250),  # logs, exec, port-forward
            ("nodes", "endpoints", "tcp", 443, 443),
            ("nodes", "nodes", "tcp", 53, 53),  # CoreDNS
            ("nodes", "nodes", "udp", 53, 53),
            ("nodes", "nodes", "tcp", 8000, 8080),  # the workloads; NetworkPolicies are narrower
        ):
            self._allow(ids, source, target, protocol, first, last)
        self.register_outputs({})

    def admit_s3(self, prefix_list_id: pulumi.Input[str]) -> None:
        """Lets nodes call S3 through its gateway endpoint."""
        aws.vpc.SecurityGroupEgressRule(
            "nodes-to-s3",
            security_group_id=self.nodes_id,
            prefix_list_id=prefix_list_id,
            ip_protocol="tcp",
            from_port=443,
            to_port=443,
            description="nodes to S3",
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

    def _allow(
        self, ids: dict[str, pulumi.Output[str]], source: str, target: str, protocol: str, first: int, last: int
    ) -> None:
        """One connection, written on both its ends."""
        rule = f"{source}-to-{target}-{protocol}-{first}"
        description = f"{source} to {target}"
        aws.vpc.SecurityGroupEgressRule(
            f"{rule}-out",
            security_group_id=ids[source],
            referenced_security_group_id=ids[target],
            ip_protocol=protocol,
            from_port=first,
            to_port=last,
            description=description,
            opts=self._here,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{rule}-in",
            security_group_id=ids[target],
            referenced_security_group_id=ids[source],
            ip_protocol=protocol,
            from_port=first,
            to_port=last,
            description=description,
            opts=self._here,
        )
