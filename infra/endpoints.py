"""VPC endpoints: the only way out of the VPC, and only for this account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.account import Account
from infra.policy_document import policy_document

INTERFACE_SERVICES = (
    "autoscaling",
    "ec2",
    "ecr.api",
    "ecr.dkr",
    "eks",
    "eks-auth",
    "elasticloadbalancing",
    "kms",
    "logs",
    "sts",
)
"""What nodes and pods of a private cluster call: registration, images, credentials, keys, logs."""


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
            policy=policy_document(_own_principals(args.account), _image_layers(args.account)),
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
    own = [_own_principals(account)]
    return [*own, _web_identity(account)] if service == "sts" else own


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


def _web_identity(account: Account) -> dict[str, Any]:
    """A pod that trades its token for a role has no principal yet: limited by the role's account instead."""
    return {
        "Sid": "RolesOfThisAccount",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Resource": pulumi.Output.concat("arn:", account.partition, ":iam::", account.id, ":role/*"),
    }


def _image_layers(account: Account) -> dict[str, Any]:
    """ECR serves layers from a bucket of AWS's own with URLs that it signed itself."""
    bucket = f"prod-{account.region}-starport-layer-bucket"
    return {
        "Sid": "ImageLayers",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": pulumi.Output.concat("arn:", account.partition, f":s3:::{bucket}/*"),
    }
