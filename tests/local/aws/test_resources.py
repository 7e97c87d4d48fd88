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
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": {"revisionId"},
    "aws:ec2/instance:Instance": {
        "hostId",
        "hostResourceGroupArn",
        "outpostArn",
        "placementGroupId",
        "spotInstanceRequestId",
    },
    "aws:ec2/subnet:Subnet": {"ipv6CidrBlockAssociationId"},
    "aws:ec2/vpc:Vpc": {"ipv6AssociationId"},
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"prefixListId"},
    "aws:eks/cluster:Cluster": {"clusterId"},
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": {"externalId"},
    "aws:s3/bucket:Bucket": {"websiteEndpoint"},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"versionId"},
    "aws:wafv2/webAcl:WebAcl": {"applicationIntegrationUrl"},
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
    assert left == {
        "aws:ebs/encryptionByDefault:EncryptionByDefault",
        "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
        "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration",
    }


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


def test_a_bucket_that_is_written_to_while_it_goes_is_emptied_again(world: World) -> None:
    """As logs are that arrive late: the real provider empties again what S3 says is not empty."""
    kind, s3 = "aws:s3/bucket:Bucket", world.api.client("s3")
    identity, outputs = world.lifecycle(kind).create({"bucket": "logs", "forceDestroy": True})
    late = ["a", "b"]

    def write(**_: object) -> None:
        if late:
            s3.put_object(Bucket="logs", Key=late.pop(), Body=b"1")

    s3.meta.events.register("before-call.s3.DeleteBucket", write)
    try:
        world.lifecycle(kind).delete(identity, outputs)
    finally:
        s3.meta.events.unregister("before-call.s3.DeleteBucket", write)
    assert late == []
    assert world.lifecycle(kind).read(identity, outputs) is None


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_a_locked_bucket_is_emptied_as_far_as_its_lock_allows(world: World, mode: str) -> None:
    """With `forceDestroy` GOVERNANCE locks are bypassed; what is locked in COMPLIANCE mode keeps the bucket."""
    kind, s3 = "aws:s3/bucket:Bucket", world.api.client("s3")
    lock, retention = "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", {"mode": mode, "days": 30}
    identity, outputs = world.lifecycle(kind).create(
        {"bucket": "trail", "objectLockEnabled": True, "forceDestroy": True}
    )
    _, state = world.lifecycle(lock).create({"bucket": "trail", "rule": {"defaultRetention": retention}})
    for body in (b"1", b"2"):
        s3.put_object(Bucket="trail", Key="k", Body=body)
    s3.delete_object(Bucket="trail", Key="k")
    world.lifecycle(lock).delete("trail", state)
    if mode == "COMPLIANCE":
        with pytest.raises(ApiError, match="object lock"):
            world.lifecycle(kind).delete(identity, outputs)
    else:
        world.lifecycle(kind).delete(identity, outputs)
    assert (world.lifecycle(kind).read(identity, outputs) is None) == (mode == "GOVERNANCE")


def test_a_versioned_object_goes_with_all_its_versions(world: World) -> None:
    """Its bucket is empty then, and can go without `forceDestroy`; another key that begins alike stays."""
    kind, s3 = "aws:s3/bucketObjectv2:BucketObjectv2", world.api.client("s3")
    s3.create_bucket(Bucket="models")
    s3.put_bucket_versioning(Bucket="models", VersioningConfiguration={"Status": "Enabled"})
    for key in ("model", "model.json"):
        s3.put_object(Bucket="models", Key=key, Body=b"1")
    inputs = {"bucket": "models", "key": "model", "content": "2"}
    identity, outputs = world.lifecycle(kind).create(inputs)
    for _ in range(2):
        world.lifecycle(kind).delete(identity, outputs)
    left = s3.list_object_versions(Bucket="models")
    assert [item["Key"] for item in [*left["Versions"], *left.get("DeleteMarkers", [])]] == ["model.json"]


def test_a_protected_load_balancer_stays(world: World) -> None:
    """Deletion protection has to be taken off first."""
    kind = "aws:lb/loadBalancer:LoadBalancer"
    identity, outputs = world.refer(kind, "id"), world.state(kind)
    with pytest.raises(ApiError, match="deletion protection"):
        world.lifecycle(kind).delete(identity, outputs)
    assert world.lifecycle(kind).read(identity, outputs) is not None


def test_a_web_acl_that_another_changed_can_still_be_changed_and_deleted(world: World) -> None:
    """The lock token of the state may be an old one; the provider then asks for the current one."""
    kind, acls = "aws:wafv2/webAcl:WebAcl", world.api.client("wafv2")
    identity, outputs = world.refer(kind, "id"), world.state(kind)
    whose = {"Id": identity, "Name": outputs["name"], "Scope": outputs["scope"]}
    living = acls.get_web_acl(**whose)
    kept = {name: living["WebACL"][name] for name in ("DefaultAction", "VisibilityConfig")}
    acls.update_web_acl(**whose, **kept, LockToken=living["LockToken"])
    inputs = dict(EXAMPLES[kind].inputs(world.refer))
    updated = world.lifecycle(kind).update(identity, outputs, inputs, {**inputs, "description": "ours"})
    assert updated["description"] == "ours"
    world.lifecycle(kind).delete(identity, outputs)
    assert world.lifecycle(kind).read(identity, outputs) is None


def test_a_node_group_has_its_auto_scaling_group(world: World) -> None:
    """It is there under the name that the node group gives, and goes with it."""
    kind, scaling = "aws:eks/nodeGroup:NodeGroup", world.api.client("autoscaling")
    identity, outputs = world.refer(kind, "id"), world.state(kind)
    name = outputs["resources"][0]["autoscalingGroups"][0]["name"]
    assert [group["AutoScalingGroupName"] for group in scaling.describe_auto_scaling_groups()["AutoScalingGroups"]] == [
        name
    ]
    world.lifecycle(kind).delete(identity, outputs)
    assert scaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_a_node_group_whose_creation_was_interrupted_can_be_deleted(world: World) -> None:
    """Its Auto Scaling group may not have come into being."""
    kind = "aws:eks/nodeGroup:NodeGroup"
    identity, outputs = world.refer(kind, "id"), world.state(kind)
    name = outputs["resources"][0]["autoscalingGroups"][0]["name"]
    world.api.client("autoscaling").delete_auto_scaling_group(AutoScalingGroupName=name, ForceDelete=True)
    world.api.client("ec2").delete_launch_template(LaunchTemplateName=name)
    world.lifecycle(kind).delete(identity, outputs)
    assert world.lifecycle(kind).read(identity, outputs) is None


def test_query_logging_that_is_on_cannot_be_deleted(world: World) -> None:
    """The VPC has to be taken from it first."""
    kind = "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig"
    world.refer("aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation", "id")
    with pytest.raises(ApiError, match="still associated with a VPC"):
        world.lifecycle(kind).delete(world.refer(kind, "id"), world.state(kind))


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
