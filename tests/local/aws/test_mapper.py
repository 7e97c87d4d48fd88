"""Names and shapes between pulumi-aws and the AWS API."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from pulumi_aws.eks import outputs as eks

from local.aws.api import Api
from local.aws.mapper import EnumError, dropped, from_api, match, to_api


@pytest.mark.parametrize(
    ("name", "members", "expected"),
    [
        ("cidrBlock", ["CidrBlock"], "CidrBlock"),
        ("subnetIds", ["SubnetId"], "SubnetId"),
        ("policies", ["Policy"], "Policy"),
        ("taint", ["taints"], "taints"),
        ("kmsKeyId", ["KmsKeyArn"], None),
    ],
)
def test_matches_by_meaning(name: str, members: list[str], expected: str | None) -> None:
    """Case and number do not matter, everything else does."""
    assert match(name, members) == expected


@pytest.mark.parametrize(
    ("service", "operation", "inputs", "expected"),
    [
        (
            "eks",
            "create_nodegroup",
            {"subnetIds": ["a"], "scalingConfig": {"minSize": 1}, "taints": [{"key": "k", "effect": "NO_SCHEDULE"}]},
            {"subnets": ["a"], "scalingConfig": {"minSize": 1}, "taints": [{"key": "k", "effect": "NO_SCHEDULE"}]},
        ),
        (
            "ecr",
            "create_repository",
            {"encryptionConfigurations": [{"encryptionType": "KMS"}]},
            {"encryptionConfiguration": {"encryptionType": "KMS"}},
        ),
        (
            "eks",
            "create_cluster",
            {"encryptionConfig": {"provider": {"keyArn": "arn"}, "resources": ["secrets"]}},
            {"encryptionConfig": [{"provider": {"keyArn": "arn"}, "resources": ["secrets"]}]},
        ),
        ("kms", "create_key", {"multiRegion": "true", "unrelated": 1}, {"MultiRegion": True}),
    ],
)
def test_to_the_api(
    shared_api: Api, service: str, operation: str, inputs: dict[str, Any], expected: dict[str, Any]
) -> None:
    """Inputs become the parameters of botocore's shape: lists of one, plurals, text for booleans, other names."""
    shape = shared_api.shape(service, operation)
    assert to_api(inputs, shape, {"subnetIds": "subnets"}) == expected


def test_a_map_becomes_pairs_where_the_api_wants_them(shared_api: Api) -> None:
    """Tags inside a launch template are a map here and a list of pairs there, and come back as a map."""
    shape = shared_api.shape("ec2", "create_launch_template").members["LaunchTemplateData"]
    sent = to_api({"tagSpecifications": [{"resourceType": "volume", "tags": {"a": "b"}}]}, shape, {})
    assert sent == {"TagSpecifications": [{"ResourceType": "volume", "Tags": [{"Key": "a", "Value": "b"}]}]}
    assert from_api(sent["TagSpecifications"][0]["Tags"], Mapping[str, str], {}) == {"a": "b"}
    sent = to_api({"dimensions": {"a": "b"}}, shared_api.shape("cloudwatch", "put_metric_alarm"), {})
    assert sent == {"Dimensions": [{"Name": "a", "Value": "b"}]}
    assert from_api(sent["Dimensions"], Mapping[str, str], {}) == {"a": "b"}


def test_objects_inside_each_other_may_call_the_same_thing_by_other_names(shared_api: Api) -> None:
    """A metric filter has a name, and so has its metric; text becomes a number where the API has one."""
    shape = shared_api.shape("logs", "put_metric_filter")
    inputs = {"name": "refused", "metricTransformation": {"name": "Refused", "defaultValue": "0"}}
    sent = to_api(inputs, shape, {"name": ("filterName", "metricName")})
    assert sent["filterName"] == "refused"
    assert sent["metricTransformations"] == [{"metricName": "Refused", "defaultValue": 0.0}]


def test_a_value_outside_the_enumeration_is_refused(shared_api: Api) -> None:
    """The path of the input and the choices are told."""
    with pytest.raises(EnumError) as caught:
        to_api({"taints": [{"effect": "NO_SCHEDUL"}]}, shared_api.shape("eks", "create_nodegroup"), {})
    assert caught.value.path == "taints.effect"
    assert "NO_SCHEDULE" in caught.value.choices


def test_nested_inputs_without_a_member_are_told(shared_api: Api) -> None:
    """What the API would silently not get is found, in lists too."""
    shape = shared_api.shape("eks", "create_nodegroup").members["taints"]
    assert list(dropped([{"key": "k", "colour": "red"}], shape, {}, "taints")) == ["taints.colour"]


def test_from_the_api() -> None:
    """An answer becomes the output type: names, single objects for lists of one, only what the type has."""
    answer = {"subnetIds": ["a"], "vpcId": "vpc-1", "endpointPrivateAccess": True, "other": 1}
    assert from_api(answer, eks.ClusterVpcConfig, {}) == {
        "subnetIds": ["a"],
        "vpcId": "vpc-1",
        "endpointPrivateAccess": True,
    }
    issuer = {"oidc": {"issuer": "https://x"}}
    assert from_api(issuer, Sequence[eks.ClusterIdentity], {}) == [{"oidcs": [{"issuer": "https://x"}]}]
    assert from_api([{"keyArn": "k"}], eks.ClusterEncryptionConfigProvider, {}) == {"keyArn": "k"}


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        ("3", int, 3),
        ("0.5", float, 0.5),
        (2.0, str, "2"),
        ("true", bool, True),
        ("Enabled", bool, True),
        (True, str, "true"),
        ({"a": 1}, str, '{"a": 1}'),
    ],
)
def test_scalars_from_the_api(value: Any, kind: type, expected: Any) -> None:
    """Text, numbers and booleans become what the output type says; a document becomes JSON."""
    assert from_api(value, kind, {}) == expected
