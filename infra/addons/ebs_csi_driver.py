"""The Amazon EBS CSI driver: volumes for the cluster's claims, under a role that reaches this cluster's alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.addons.addon import install
from infra.cluster import Cluster
from infra.context import Context
from infra.identity import WorkloadIdentity, WorkloadIdentityArgs
from infra.policy_document import policy_document

ADDON = "aws-ebs-csi-driver"
_CLUSTER_TAG = "ebs.csi.aws.com/cluster-name"
"""The driver puts it on what it makes since v1.58; the add-on tells it the cluster's name."""
_ATTACH = ("AttachVolume", "DetachVolume")
_SEE = (
    "DescribeAvailabilityZones",
    "DescribeInstanceTypes",
    "DescribeInstances",
    "DescribeTags",
    "DescribeVolumeStatus",
    "DescribeVolumes",
    "DescribeVolumesModifications",
)
"""EC2 takes no resource for these."""


@dataclass(frozen=True)
class EbsCsiDriverArgs:
    """Volumes are encrypted with the key of `volumes_key_arn`: the StorageClass names it."""

    context: Context
    cluster: Cluster
    volumes_key_arn: pulumi.Input[str]


class EbsCsiDriver(pulumi.ComponentResource):
    """The add-on, its role and its policy; it makes no StorageClass, because its own cannot name a key."""

    def __init__(self, name: str, args: EbsCsiDriverArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:cluster:EbsCsiDriver", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        role_name = f"{args.context.name}-ebs-csi"
        policy = aws.iam.Policy(
            f"{name}-policy",
            name=role_name,
            policy=policy_document(*_volumes_of(args.context), *_use_of_key(args)),
            opts=here,
        )
        identity = WorkloadIdentity(
            f"{name}-identity",
            WorkloadIdentityArgs(
                name=role_name,
                issuer=args.cluster.issuer,
                namespace="kube-system",
                service_account="ebs-csi-controller-sa",
                policy_arn=policy.arn,
            ),
            here,
        )
        configuration = {
            # A provider's default tags do not reach what the driver makes.
            "controller": {"extraVolumeTags": dict(args.context.tags)},
            "defaultStorageClass": {"enabled": False},
        }
        install(ADDON, args.cluster, parent=self, configuration=configuration, role_arn=identity.role_arn)
        self.register_outputs({})


def _volumes_of(context: Context) -> list[dict[str, Any]]:
    """Volumes of this cluster, on instances of this cluster.

    The boundary of AWS's AmazonEBSCSIDriverEKSClusterScopedPolicy, with the cluster's name in the policy rather than in
    a tag of the role, and without snapshots, for which this cluster has no controller.
    """
    volumes, instances = (context.account.arn("ec2", f"{kind}/*") for kind in ("volume", "instance"))
    return [
        _allow("See", _SEE, "*"),
        _allow("Create", ["CreateVolume"], volumes, {f"aws:RequestTag/{_CLUSTER_TAG}": context.name}),
        _allow("TagAtCreation", ["CreateTags"], volumes, {"ec2:CreateAction": "CreateVolume"}),
        _allow(
            "HandleOwnVolumes",
            ["ModifyVolume", "DeleteVolume", *_ATTACH],
            volumes,
            {f"ec2:ResourceTag/{_CLUSTER_TAG}": context.name},
        ),
        # EKS tags the instances of managed node groups so.
        _allow("OnOwnInstances", _ATTACH, instances, {"ec2:ResourceTag/eks:cluster-name": context.name}),
    ]


def _allow(
    sid: str, actions: Sequence[str], resource: pulumi.Input[str], equal: Mapping[str, str] | None = None
) -> dict[str, Any]:
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": [f"ec2:{action}" for action in actions],
        "Resource": resource,
    }
    return statement | ({"Condition": {"StringEquals": equal}} if equal else {})


def _use_of_key(args: EbsCsiDriverArgs) -> list[dict[str, Any]]:
    """What EC2 does with the key in the name of whoever creates or attaches an encrypted volume."""
    use = ["Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext", "ReEncryptFrom", "ReEncryptTo"]
    through_ec2 = {"StringEquals": {"kms:ViaService": f"ec2.{args.context.account.region}.amazonaws.com"}}
    allowed: dict[str, Any] = {"Effect": "Allow", "Resource": args.volumes_key_arn}
    return [
        allowed | {"Sid": "UseKeyThroughEc2", "Action": [f"kms:{action}" for action in use], "Condition": through_ec2},
        allowed
        | {
            "Sid": "LendKeyToVolumes",
            "Action": "kms:CreateGrant",
            "Condition": through_ec2 | {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        },
    ]
