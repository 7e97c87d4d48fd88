"""Node pools: `system` for everything, `gpu` for Triton, from hardened launch templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from infra.cluster import Cluster
from infra.config_types import NodeCounts
from infra.context import Context
from infra.gpu_runtime import GPU_RUNTIME
from infra.kubelet import user_data
from infra.policy_document import assumed_by_service

POOL_LABEL = "inference/node-pool"
GPU_LABEL = "nvidia.com/gpu.present"
"""NVIDIA's name for a node with a GPU: what asks for a GPU selects it, so that other nodes can offer one as well."""
GPU_TAINT = "nvidia.com/gpu"


@dataclass(frozen=True)
class Capacity:
    """Which machines, how many, and how they are bought.

    Of several types EKS takes, on demand, the first that EC2 has, and with spot those least likely to be interrupted:
    with spot name several, or one interruption takes every node.
    """

    instance_types: Sequence[str]
    nodes: NodeCounts
    purchase: str = "ON_DEMAND"


@dataclass(frozen=True)
class Pool:
    """What is particular to one pool."""

    capacity: Capacity
    ami_type: str
    disk_gib: int
    labels: Mapping[str, str] = field(default_factory=dict)
    scripts: Sequence[str] = ()
    """Shell scripts that a node runs when it first starts."""
    taints: Sequence[aws.eks.NodeGroupTaintArgs] = ()


@dataclass(frozen=True)
class NodePoolsArgs:
    """Nodes go into `subnet_ids`; their root volumes are encrypted with the key."""

    context: Context
    cluster: Cluster
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    volumes_key_arn: pulumi.Input[str]
    system: Capacity
    gpu: Capacity


class NodePools(pulumi.ComponentResource):
    """The managed node groups `system` and `gpu`, and the one role of their nodes."""

    system_auto_scaling_group_names: list[pulumi.Output[str]]
    """Auto Scaling groups of the pool that the gateway runs on, for the load balancer to send to."""

    def __init__(self, name: str, args: NodePoolsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:cluster:NodePools", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        self._role, self._attachments = self._node_role()
        system = self._pool(
            "system",
            Pool(
                ami_type="AL2023_x86_64_STANDARD",
                capacity=args.system,
                disk_gib=50,
            ),
        )
        self._pool(
            "gpu",
            Pool(
                ami_type="AL2023_x86_64_NVIDIA",
                capacity=args.gpu,
                # Triton's image alone is some 20 GiB unpacked.
                disk_gib=150,
                labels={GPU_LABEL: "true"},
                scripts=[GPU_RUNTIME],
                taints=[aws.eks.NodeGroupTaintArgs(key=GPU_TAINT, value="true", effect="NO_SCHEDULE")],
            ),
        )
        self.system_auto_scaling_group_names = [system.resources.apply(_auto_scaling_group)]
        self.register_outputs({"system_auto_scaling_group_names": self.system_auto_scaling_group_names})

    def _node_role(self) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        """Joins the cluster and pulls images; the CNI and the workloads have roles of their own."""
        role = aws.iam.Role(
            "node-role",
            name=f"{self._args.context.name}-nodes",
            assume_role_policy=assumed_by_service("ec2.amazonaws.com"),
            opts=self._here,
        )
        return role, [
            aws.iam.RolePolicyAttachment(
                use, role=role.name, policy_arn=self._args.context.account.managed_policy_arn(policy), opts=self._here
            )
            for use, policy in (
                ("node-joins", "AmazonEKSWorkerNodePolicy"),
                ("node-pulls", "AmazonEC2ContainerRegistryPullOnly"),
            )
        ]

    def _pool(self, use: str, pool: Pool) -> aws.eks.NodeGroup:
        args = self._args
        template = self._launch_template(use, pool)
        return aws.eks.NodeGroup(
            f"{use}-pool",
            cluster_name=args.cluster.name,
            node_role_arn=self._role.arn,
            subnet_ids=args.subnet_ids,
            version=args.cluster.version,
            ami_type=pool.ami_type,
            instance_types=pool.capacity.instance_types,
            capacity_type=pool.capacity.purchase,
            scaling_config=aws.eks.NodeGroupScalingConfigArgs(
                min_size=pool.capacity.nodes.min,
                desired_size=pool.capacity.nodes.desired,
                max_size=pool.capacity.nodes.max,
            ),
            # New nodes first, then one old one drained at a time: an update takes no capacity away, and for its time
            # needs quota for up to two nodes more in each zone.
            update_config=aws.eks.NodeGroupUpdateConfigArgs(update_strategy="DEFAULT", max_unavailable=1),
            node_repair_config=_repair(pool.capacity.nodes),
            launch_template=aws.eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            labels={POOL_LABEL: use, **pool.labels},
            taints=pool.taints,
            opts=pulumi.ResourceOptions(parent=self, depends_on=self._attachments),
        )

    def _launch_template(self, use: str, pool: Pool) -> aws.ec2.LaunchTemplate:
        args = self._args
        # A provider's default tags do not reach what a launch template starts.
        tags = {**args.context.tags, "Name": f"{args.context.name}-{use}"}
        return aws.ec2.LaunchTemplate(
            f"{use}-template",
            update_default_version=True,
            user_data=user_data(*pool.scripts),
            # With one hop a pod cannot reach the instance's metadata, and so not the node's role.
            metadata_options=aws.ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                http_put_response_hop_limit=1,
                instance_metadata_tags="disabled",
            ),
            block_device_mappings=[_root_volume(pool.disk_gib, key_arn=args.volumes_key_arn)],
            network_interfaces=[
                aws.ec2.LaunchTemplateNetworkInterfaceArgs(
                    device_index=0,
                    associate_public_ip_address="false",
                    security_groups=[args.security_group_id],
                    delete_on_termination="true",
                )
            ],
            monitoring=aws.ec2.LaunchTemplateMonitoringArgs(enabled=True),
            tag_specifications=[
                aws.ec2.LaunchTemplateTagSpecificationArgs(resource_type=resource, tags=tags)
                for resource in ("instance", "volume", "network-interface")
            ],
            opts=self._here,
        )


def _root_volume(size_gib: int, *, key_arn: pulumi.Input[str]) -> aws.ec2.LaunchTemplateBlockDeviceMappingArgs:
    return aws.ec2.LaunchTemplateBlockDeviceMappingArgs(
        device_name="/dev/xvda",
        ebs=aws.ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
            volume_type="gp3",
            volume_size=size_gib,
            encrypted="true",
            kms_key_id=key_arn,
            delete_on_termination="true",
        ),
    )


def _repair(nodes: NodeCounts) -> aws.eks.NodeGroupNodeRepairConfigArgs:
    """Replaces or reboots what the node monitoring agent finds broken, one node at a time.

    Where more than half of a pool's nodes are broken at once, the cause is elsewhere, and new nodes would not cure it.
    """
    return aws.eks.NodeGroupNodeRepairConfigArgs(
        enabled=True,
        max_parallel_nodes_repaired_count=1,
        max_unhealthy_node_threshold_count=max(1, nodes.max // 2),
    )


def _auto_scaling_group(resources: Sequence[aws.eks.outputs.NodeGroupResource] | None) -> str:
    """Name of the one group that EKS makes for a node group; empty where nobody made one."""
    groups = resources[0].autoscaling_groups if resources else None
    return (groups[0].name or "") if groups else ""
