"""Inputs against pulumi-aws's own types."""

from typing import Any

import pytest

from local.aws.codec import UNKNOWN, Asset, Secret
from local.aws.schema import UnknownTypeError, schema
from local.aws.validation import check

CLUSTER = {"roleArn": "arn:aws:iam::123456789012:role/eks", "vpcConfig": {"subnetIds": ["subnet-1"]}}


def reasons(kind: str, inputs: dict[str, Any]) -> list[str]:
    """What is said about the inputs of a type."""
    return [failure.reason for failure in check(inputs, schema(kind).inputs)]


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("aws:s3/bucket:Bucket", {"bucketNam": "x"}, ["unknown input 'bucketNam' — did you mean 'bucket'?"]),
        ("aws:s3/bucket:Bucket", {"colour": "x"}, ["unknown input 'colour'"]),
        ("aws:s3/bucket:Bucket", {"bucket": 3}, ["input 'bucket' must be a string, not a whole number"]),
        ("aws:s3/bucket:Bucket", {"forceDestroy": "yes"}, ["input 'forceDestroy' must be a boolean, not a string"]),
        ("aws:s3/bucket:Bucket", {"tags": {"a": 1}}, ["input 'tags['a']' must be a string, not a whole number"]),
        ("aws:s3/bucket:Bucket", {"tags": ["a"]}, ["input 'tags' must be a map, not a list"]),
        (
            "aws:cloudwatch/logGroup:LogGroup",
            {"retentionInDays": True},
            ["input 'retentionInDays' must be a whole number, not a boolean"],
        ),
        ("aws:eks/cluster:Cluster", {"vpcConfig": CLUSTER["vpcConfig"]}, ["missing required input 'roleArn'"]),
        ("aws:eks/cluster:Cluster", {**CLUSTER, "vpcConfig": {}}, ["missing required input 'vpcConfig.subnetIds'"]),
        (
            "aws:eks/cluster:Cluster",
            {**CLUSTER, "vpcConfig": {"subnetIds": ["subnet-1", 2]}},
            ["input 'vpcConfig.subnetIds[1]' must be a string, not a whole number"],
        ),
        (
            "aws:eks/cluster:Cluster",
            {**CLUSTER, "vpcConfig": {"subnetIds": ["subnet-1"], "endpointPublicAcces": False}},
            ["unknown input 'vpcConfig.endpointPublicAcces' — did you mean 'endpointPublicAccess'?"],
        ),
        (
            "aws:eks/cluster:Cluster",
            {**CLUSTER, "vpcConfig": "default"},
            ["input 'vpcConfig' must be an object, not a string"],
        ),
        (
            "aws:s3/bucketObjectv2:BucketObjectv2",
            {"bucket": "b", "source": "model.onnx"},
            ["input 'source' must be an asset or archive, not a string"],
        ),
    ],
)
def test_refuses_by_name(kind: str, inputs: dict[str, Any], expected: list[str]) -> None:
    """Each wrong input is one sentence that names it, at any depth."""
    assert reasons(kind, inputs) == expected


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("aws:eks/cluster:Cluster", CLUSTER),
        ("aws:eks/cluster:Cluster", {"roleArn": UNKNOWN, "vpcConfig": {"subnetIds": [UNKNOWN, Secret("subnet-1")]}}),
        ("aws:eks/cluster:Cluster", {"roleArn": Secret(UNKNOWN), "vpcConfig": UNKNOWN}),
        ("aws:s3/bucket:Bucket", {"bucket": "x", "__defaults": ["bucket"]}),
        ("aws:s3/bucketObjectv2:BucketObjectv2", {"bucket": "b", "source": Asset(fields={"path": "x"})}),
        ("aws:s3/bucketVersioning:BucketVersioning", {"bucket": "b", "versioningConfiguration": {"status": "Enabled"}}),
    ],
)
def test_accepts(kind: str, inputs: dict[str, Any]) -> None:
    """Right inputs pass, and so do values that only the update will know."""
    assert reasons(kind, inputs) == []


def test_a_secret_is_not_shown_when_its_type_is_wrong() -> None:
    """A failure says the type of a value, never the value."""
    (reason,) = reasons("aws:s3/bucket:Bucket", {"bucket": Secret(["hidden"])})
    assert reason == "input 'bucket' must be a string, not a list"


@pytest.mark.parametrize("kind", ["aws:s3/bucket:Buckett", "aws:nope/x:X", "aws:ec2/vpc:Subnet"])
def test_types_that_pulumi_aws_lacks(kind: str) -> None:
    """A type that the package does not have is no type."""
    with pytest.raises(UnknownTypeError):
        schema(kind)
