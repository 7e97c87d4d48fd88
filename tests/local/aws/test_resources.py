"""Every resource type of the table lives its whole life against moto."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from local.aws import observation
from local.aws.api import ApiError
from local.aws.diff import diff
from local.aws.resources import RESOURCES
from local.aws.schema import is_object, schema
from local.aws.templates import fill, parse
from local.aws.validation import check
from tests.local.aws.conftest import World, restart
from tests.local.aws.examples.every import EXAMPLES

TYPES = sorted(RESOURCES)
IDENTIFIER = re.compile(r"(Arn|Endpoint|Url|Id)$|^(arn|endpoint|url)$")
EMPTY_IN_AWS_TOO = {  # identifiers of what an example does not ask for
    "aws:cloudtrail/trail:Trail": {"snsTopicArn"},
    "aws:ec2/subnet:Subnet": {"ipv6CidrBlockAssociationId"},
    "aws:ec2/vpc:Vpc": {"ipv6AssociationId"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"prefixListId"},
    "aws:eks/cluster:Cluster": {"clusterId"},
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {"externalId"},
    "aws:s3/bucket:Bucket": {"websiteEndpoint"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"versionId"},
}


def test_every_type_of_the_table_has_an_example() -> None:
    """A type cannot be added without being exercised."""
    assert sorted(EXAMPLES) == TYPES


@pytest.mark.parametrize("token", TYPES)
def test_lives_its_life(token: str, world: World) -> None:
    """Created with the real provider's outputs, read back without drift, updated in place, deleted twice, gone."""
    lifecycle, example = world.lifecycle(token), EXAMPLES[token]
    inputs = dict(example.inputs(world.refer))
    assert check(inputs, schema(token).inputs) == []
    assert lifecycle.recorded_only(inputs) == []
    identity, outputs = lifecycle.create(inputs)
    _has_real_shape(token, outputs, example.outputs)
    _has_not_drifted(world, token, identity, outputs, inputs)
    _can_be_imported(world, token, identity, inputs)

    news = {**inputs, **example.update}
    assert diff(lifecycle, inputs, news, ignore=set()).replaces == set()
    updated = lifecycle.update(identity, outputs, inputs, news)
    _has_not_drifted(world, token, identity, updated, news)

    lifecycle.delete(identity, updated)
    lifecycle.delete(identity, updated)
    if RESOURCES[token].delete is not None:
        assert lifecycle.read(identity, updated) == example.remains


def test_everything_is_gone_after_a_restart(world: World) -> None:
    """An emulator that lost its memory has no resource, so that a refresh takes them all out of the state."""
    state = {token: (world.refer(token, "id"), world.state(token)) for token in TYPES}
    restart(world.api.endpoint)
    left = {token for token, (identity, outputs) in state.items() if world.lifecycle(token).read(identity, outputs)}
    assert left == {"aws:ebs/encryptionByDefault:EncryptionByDefault"}


def test_a_versioned_bucket_is_emptied_before_it_goes(world: World) -> None:
    """Versions and delete markers go with a bucket that the program may destroy; without its word the bucket stays."""
    kind, s3 = "aws:s3/bucket:Bucket", world.api.client("s3")
    identity, outputs = world.lifecycle(kind).create({"bucket": "models", "forceDestroy": True})
    s3.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="models", Key="k", Body=body)
    s3.delete_object(Bucket="models", Key="k")
    with pytest.raises(ApiError, match="BucketNotEmpty"):
        world.lifecycle(kind).delete(identity, {**outputs, "forceDestroy": False})
    world.lifecycle(kind).delete(identity, outputs)
    assert world.lifecycle(kind).read(identity, outputs) is None


def _has_real_shape(token: str, outputs: Mapping[str, Any], patterns: Mapping[str, str]) -> None:
    declared = schema(token).outputs
    assert set(outputs) <= set(declared)
    missing = {name for name, field in declared.items() if field.required} - set(outputs)
    assert all(is_object(declared[name].type) for name in missing)
    empty = {name for name, value in outputs.items() if IDENTIFIER.search(name) and value == ""}
    assert empty == EMPTY_IN_AWS_TOO.get(token, set())
    for name, pattern in patterns.items():
        assert re.fullmatch(pattern, str(outputs[name])), (name, outputs[name])


def _has_not_drifted(
    world: World, token: str, identity: str, outputs: Mapping[str, Any], inputs: Mapping[str, Any]
) -> None:
    observed = world.lifecycle(token).read(identity, outputs)
    assert observed is not None
    assert observation.drifted(RESOURCES[token], observed, inputs) == inputs


def _can_be_imported(world: World, token: str, identity: str, inputs: Mapping[str, Any]) -> None:
    """From the id alone come inputs that the program's own do not change, but for what the API does not give back."""
    lifecycle, resource = world.lifecycle(token), RESOURCES[token]
    given = fill(resource.import_id, {**inputs, **parse(resource.id, identity)}) if resource.import_id else identity
    same, known = lifecycle.imported_identity(given)
    assert same == identity
    observed = lifecycle.read(identity, known)
    assert observed is not None
    found = observation.imported(resource, {**parse(resource.id, identity), **known, **observed})
    changes = diff(lifecycle, found, inputs, ignore={*resource.unread, *resource.behaviour})
    assert changes.kinds == {}
