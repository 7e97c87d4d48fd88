"""AWS resources keep their meaning as a Terraform plan: types, names, blocks, references; what is unknown is refused."""

from collections.abc import Mapping
from typing import Any

import pytest

from local.aws.resources import RESOURCES
from local.aws.schema import Field, fields, is_object, schema
from policies.checkov.state import Deployed
from policies.checkov.terraform import plan, snake_case, table, values
from policies.errors import PolicyError
from tests.policies.checkov.stacks import deployed, urn

BUCKET = "aws:s3/bucket:Bucket"
CLUSTER = "aws:eks/cluster:Cluster"
LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
VERSIONING = "aws:s3/bucketVersioning:BucketVersioning"


@pytest.mark.parametrize(
    ("camel", "snake"),
    [
        ("bucket", "bucket"),
        ("enableKeyRotation", "enable_key_rotation"),
        ("serviceIpv4Cidr", "service_ipv4_cidr"),
        ("cidrIpv6", "cidr_ipv6"),
        ("s3BucketName", "s3_bucket_name"),
    ],
)
def test_names_follow_one_rule(camel: str, snake: str) -> None:
    """A capital begins a word; a digit does not."""
    assert snake_case(camel) == snake


def test_an_object_becomes_a_list_of_one_block() -> None:
    """Pulumi flattens a block that Terraform allows once; blocks in blocks too."""
    given = {"encryptionConfig": {"provider": {"keyArn": "arn:k"}, "resources": ["secrets"]}}
    assert values(deployed(CLUSTER, "cluster", given)) == {
        "encryption_config": [{"provider": [{"key_arn": "arn:k"}], "resources": ["secrets"]}]
    }


def test_a_list_of_objects_becomes_blocks_under_terraforms_name() -> None:
    """The plural is Pulumi's."""
    given = {
        "bucket": "b",
        "rules": [{"id": "one", "status": "Enabled", "filter": {"prefix": "models/"}}, {"id": "two"}],
    }
    assert values(deployed(LIFECYCLE, "lifecycle", given)) == {
        "bucket": "b",
        "rule": [{"id": "one", "status": "Enabled", "filter": [{"prefix": "models/"}]}, {"id": "two"}],
    }


def test_a_map_keeps_the_users_keys() -> None:
    """Tags are data, not properties."""
    given = {"tags": {"data-classification": "phi", "costCentre": "7"}}
    assert values(deployed(BUCKET, "models", given)) == given


def test_a_document_that_is_given_as_an_object_becomes_text() -> None:
    """Pulumi takes both for a policy; its keys are IAM's and no properties."""
    converted = values(
        deployed("aws:iam/policy:Policy", "read", {"policy": {"Version": "2012-10-17", "Statement": []}})
    )
    assert converted == {"policy": '{"Version": "2012-10-17", "Statement": []}'}


def test_values_stay_what_they_are() -> None:
    """A policy document stays text, a number a number, false is no absence."""
    given = {"policy": '{"Version": "2012-10-17"}', "deletionWindowInDays": 30, "isEnabled": False}
    assert values(deployed("aws:kms/key:Key", "key", given)) == {
        "policy": '{"Version": "2012-10-17"}',
        "deletion_window_in_days": 30,
        "is_enabled": False,
    }


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        (deployed("aws:braket/job:Job", "job", {}), "terraform.yaml has no aws:braket/job:Job"),
        (deployed(BUCKET, "models", {"colour": "blue"}), "no input colour"),
        (deployed(BUCKET, "models", {"corsRules": []}), "does not name its list cors_rules"),
        (deployed(TEMPLATE, "nodes", {"metadataOptions": {"colour": "blue"}}), "no input colour"),
    ],
)
def test_what_the_table_does_not_know_is_refused_and_not_left_out(resource: Deployed, said: str) -> None:
    """Left out, it could not be found bad."""
    with pytest.raises(PolicyError) as refused:
        plan([resource])
    assert said in str(refused.value)
    assert resource.label in str(refused.value)


def _place(document: dict[str, Any], part: str, address: str) -> dict[str, Any]:
    (found,) = [each for each in document[part]["root_module"]["resources"] if each["address"] == address]
    assert (found["type"], found["name"]) == tuple(address.split("."))
    return dict(found)


def test_a_value_that_came_from_another_resource_is_a_reference_to_it() -> None:
    """The value is in the plan, the reference in the configuration; a source outside AWS is no reference."""
    bucket = deployed(BUCKET, "models", {"bucket": "b"})
    other = deployed(VERSIONING, "versioning", {"bucket": "b"}, bucket=bucket.urn, region=urn("tls:x:Key", "k"))
    document, labels = plan([bucket, other])
    assert _place(document, "planned_values", "aws_s3_bucket.models")["values"] == {"bucket": "b"}
    assert _place(document, "configuration", "aws_s3_bucket_versioning.versioning")["expressions"] == {
        "bucket": {"references": ["aws_s3_bucket.models.id"]},
        "region": {"references": []},
    }
    assert labels == {
        "aws_s3_bucket.models": bucket.label,
        "aws_s3_bucket_versioning.versioning": other.label,
    }


def test_two_of_one_name_below_different_parents_stay_two() -> None:
    """An address is one resource's; a name that Terraform would not take is made to fit."""
    twins = [
        Deployed(urn=urn(BUCKET, "a/b.c", parent=parent), type=BUCKET, inputs={})
        for parent in ("x:y:First", "x:y:Second")
    ]
    document, labels = plan(twins)
    assert list(labels) == ["aws_s3_bucket.a_b_c", "aws_s3_bucket.a_b_c_2"]
    assert len(document["planned_values"]["root_module"]["resources"]) == 2


def test_the_types_of_the_table_are_those_that_the_emulator_can_make() -> None:
    """A new AWS resource is named in terraform.yaml before it can be forgotten, and one that went takes its line with it."""
    assert sorted(table()) == sorted(RESOURCES)


def test_no_two_types_have_the_same_terraform_type() -> None:
    """A line that was copied and not changed would have Checkov look for the wrong things."""
    kinds = [row["is"] for row in table().values()]
    assert sorted(kinds) == sorted(set(kinds))


@pytest.mark.parametrize("token", sorted(table()))
def test_every_name_in_the_table_is_one_of_the_types_inputs(token: str) -> None:
    """A typing error would leave the real name to the rule."""
    assert set(table()[token].get("names") or {}) <= _names(schema(token).inputs, seen=set())


def _names(known: Mapping[str, Field], *, seen: set[Any]) -> set[str]:
    """Names of inputs in blocks at any depth; blocks may hold blocks of their own class."""
    found = {snake_case(name) for name in known}
    for kind in {each for field in known.values() for each in _objects(field)}:
        if kind not in seen:
            seen.add(kind)
            found |= _names(fields(kind), seen=seen)
    return found


def _objects(field: Field) -> set[Any]:
    """Classes in a property's type, also inside lists."""
    pending, found = [field.type], set()
    while pending:
        kind = pending.pop()
        found |= {kind} if is_object(kind) else set()
        pending += getattr(kind, "__args__", ())
    return found
