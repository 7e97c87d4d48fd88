"""What the examples of resource types share."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "arn:aws:iam::123456789012"
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": ["arn:aws:s3:::models/*"]}],
    }
)
KEY_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}],
    }
)
LOGGING_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "logging.s3.amazonaws.com"},
                "Action": "s3:PutObject",
                "Resource": "arn:aws:s3:::logs/*",
            }
        ],
    }
)
LIFECYCLE = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "description": "keep ten",
                "action": {"type": "expire"},
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 10},
            }
        ]
    }
)

Refer = Callable[[str, str], Any]
"""(type of a resource that this one needs, output name or "id") -> its value, created where it is not there yet."""


@dataclass(frozen=True, kw_only=True)
class Example:
    """Inputs for a round trip, and the same inputs with something changed in place (`update`)."""

    inputs: Callable[[Refer], Mapping[str, Any]]
    update: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    """Regular expressions that outputs must match."""
    remains: Mapping[str, Any] | None = None
    """What is there still after deletion, for the types that set back a setting rather than remove a thing."""


def vpc(refer: Refer) -> Any:
    """Id of the VPC."""
    return refer("aws:ec2/vpc:Vpc", "id")


def group(refer: Refer) -> Any:
    """Id of the security group."""
    return refer("aws:ec2/securityGroup:SecurityGroup", "id")


def role(refer: Refer) -> Any:
    """ARN of the role."""
    return refer("aws:iam/role:Role", "arn")


def key(refer: Refer) -> Any:
    """ARN of the key."""
    return refer("aws:kms/key:Key", "arn")


def bucket(refer: Refer) -> Any:
    """Name of the bucket."""
    return refer("aws:s3/bucket:Bucket", "bucket")


def cluster(refer: Refer) -> Any:
    """Name of the cluster."""
    return refer("aws:eks/cluster:Cluster", "name")


def repository(refer: Refer) -> Any:
    """Name of the repository."""
    return refer("aws:ecr/repository:Repository", "name")
