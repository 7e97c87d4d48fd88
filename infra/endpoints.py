"""VPC endpoints: the only way out of the VPC, for this account's principals and to this account's resources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.account import Account
from infra.policy_document import policy_document

INTERFACE_SERVICES = {
    "autoscaling": "managed node groups",
    "ec2": "the CNI, the EBS CSI driver, nodes that join",
    "ec2messages": "Systems Manager",
    "ecr.api": "images",
    "ecr.dkr": "images",
    "eks": "nodes that join",
    "eks-auth": "EKS Pod Identity",
    "elasticloadbalancing": "targets of the load balancer",
    "guardduty-data": "the GuardDuty agent",
    "kms": "encrypted volumes and objects",
    "logs": "CloudWatch Logs",
    "monitoring": "CloudWatch metrics",
    "secretsmanager": "secrets of workloads",
    "ssm": "Systems Manager",
    "ssmmessages": "Session Manager",
    "sts": "roles of service accounts",
}
"""Services with an interface endpoint, and what in a private GPU cluster calls them."""

_OTHERS_RESOURCES = frozenset({"ec2", "ssm"})
"""Services of which nodes read what AWS owns: machine images and their public parameters."""


@dataclass(frozen=True)
class EndpointsArgs:
    """Interface endpoints go into `subnet_ids`; the S3 gateway endpoint into the one route table."""

    account: Account
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    route_table_id: pulumi.Input[str]


class Endpoints(pulumi.ComponentResource):
    """A gateway endpoint for S3 and an interface endpoint for each of INTERFACE_SERVICES."""

    s3_prefix_list_id: pulumi.Output[str]

    def __init__(self, name: str, args: EndpointsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:network:Endpoints", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        region = args.account.region
        s3 = aws.ec2.VpcEndpoint(
            "s3-endpoint",
            vpc_id=args.vpc_id,
            service_name=f"com.amazonaws.{region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[args.route_table_id],
            policy=policy_document(_own(args.account, strictly=True), _buckets_of_aws(args.account)),
            tags={"Name": "s3"},
            opts=here,
        )
        self.s3_prefix_list_id = s3.prefix_list_id
        for service in INTERFACE_SERVICES:
            aws.ec2.VpcEndpoint(
                f"{service.replace('.', '-')}-endpoint",
                vpc_id=args.vpc_id,
                service_name=f"com.amazonaws.{region}.{service}",
                vpc_endpoint_type="Interface",
                private_dns_enabled=True,
                subnet_ids=args.subnet_ids,
                security_group_ids=[args.security_group_id],
                policy=policy_document(*_statements(service, args.account)),
                tags={"Name": service},
                opts=here,
            )
        self.register_outputs({})


def _statements(service: str, account: Account) -> list[dict[str, Any]]:
    if service in _OTHERS_RESOURCES:
        return [_own_principals(account)]
    if service == "sts":
        return [_own(account), _web_identity(account)]
    if service.startswith("ecr."):
        return [_own(account), _pulls(account)]
    return [_own(account)]


def _own_principals(account: Account) -> dict[str, Any]:
    """Foreign credentials, smuggled in, carry nothing out through here."""
    return {
        "Sid": "PrincipalsOfThisAccount",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:PrincipalAccount": account.id}},
    }


def _own(account: Account, *, strictly: bool = False) -> dict[str, Any]:
    """Nor does one of our own write into somebody else's account.

    Not every action has a resource whose account AWS knows, so only S3, where it always does, is held to it strictly.
    """
    own = {"aws:ResourceAccount": account.id}
    principals = {"aws:PrincipalAccount": account.id}
    condition = (
        {"StringEquals": principals | own} if strictly else {"StringEquals": principals, "StringEqualsIfExists": own}
    )
    return _own_principals(account) | {"Sid": "ResourcesOfThisAccount", "Condition": condition}


def _web_identity(account: Account) -> dict[str, Any]:
    """A pod that trades its token for a role has no principal yet: limited by the role's account instead."""
    return {
        "Sid": "RolesOfThisAccount",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Resource": pulumi.Output.concat("arn:", account.partition, ":iam::", account.id, ":role/*"),
    }


def _pulls(account: Account) -> dict[str, Any]:
    """The images of EKS add-ons live in accounts of AWS, another one in each region: they may be read, not written."""
    actions = ["BatchCheckLayerAvailability", "BatchGetImage", "GetDownloadUrlForLayer"]
    return _own_principals(account) | {"Sid": "Pulls", "Action": [f"ecr:{action}" for action in actions]}


def _buckets_of_aws(account: Account) -> dict[str, Any]:
    """Buckets of AWS's own: layers of images, with URLs that ECR signed, and the packages of Amazon Linux 2023."""
    names = (f"prod-{account.region}-starport-layer-bucket", f"al2023-repos-{account.region}-de612dc2")
    return {
        "Sid": "BucketsOfAws",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": [pulumi.Output.concat("arn:", account.partition, f":s3:::{name}/*") for name in names],
    }
