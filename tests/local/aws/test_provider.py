"""The plugin's answers to the engine, over the messages of its protocol."""

from typing import Any

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2 as pb

from local.aws import EMULATOR_NOTICE
from local.aws.codec import UNKNOWN, Secret
from local.aws.endpoint import emulator_endpoint
from tests.local.aws.conftest import World, restart
from tests.local.aws.examples.common import POLICY
from tests.local.aws.plugin import Aborted, Context, Plugin, urn

DIFF = pb.DiffResponse
BUCKET, KEY, VPC, ROLE = "aws:s3/bucket:Bucket", "aws:kms/key:Key", "aws:ec2/vpc:Vpc", "aws:iam/role:Role"


def test_says_that_it_is_an_emulator(plugin: Plugin) -> None:
    """The user is told when the provider is configured; what describes the plugin says it too."""
    assert plugin.engine.heard == [EMULATOR_NOTICE]
    assert EMULATOR_NOTICE in plugin.provider.GetSchema(pb.GetSchemaRequest(), Context()).schema
    assert plugin.provider.GetPluginInfo(empty_pb2.Empty(), Context()).version == "7.51.1"


@pytest.mark.parametrize(
    ("kind", "inputs", "reason"),
    [
        (BUCKET, {"bucketNam": "x"}, f"{BUCKET} 'x': unknown input 'bucketNam' — did you mean 'bucket'?"),
        ("aws:ec2/subnet:Subnet", {}, "aws:ec2/subnet:Subnet 'x': missing required input 'vpcId'"),
        (
            "aws:sqs/queue:Queue",
            {},
            "aws:sqs/queue:Queue 'x': the emulator does not have this resource type; "
            "`python -m local.aws.types` lists those it has",
        ),
        ("aws:sqs/nope:Nope", {}, "aws:sqs/nope:Nope 'x': pulumi-aws has no such resource type"),
        (
            KEY,
            {"keyUsage": "ENCRYPT_DECRYP"},
            f"{KEY} 'x': input 'keyUsage' is 'ENCRYPT_DECRYP' — did you mean 'ENCRYPT_DECRYPT'?",
        ),
        (
            "aws:eks/addon:Addon",
            {"clusterName": "", "addonName": "vpc-cni"},
            "aws:eks/addon:Addon 'x': Invalid length for parameter clusterName, value: 0, valid min length: 1",
        ),
    ],
)
def test_refuses_wrong_inputs_by_name(plugin: Plugin, kind: str, inputs: dict[str, Any], reason: str) -> None:
    """Unknown, missing and mistyped inputs, unknown types and values that AWS would refuse."""
    assert plugin.check(kind, inputs)[1] == [reason]


def test_chooses_names_as_the_real_provider(plugin: Plugin) -> None:
    """The logical name and seven hexadecimal digits, marked as chosen; kept later; never over a given one."""
    first, failures = plugin.check(BUCKET, {})
    assert failures == []
    name = first["bucket"]
    assert name.startswith("x-")
    assert len(name) == 9
    assert first["__defaults"] == ["bucket"]
    assert plugin.check(BUCKET, {}, {"bucket": "x-0000000"})[0]["bucket"] == "x-0000000"
    assert plugin.check(BUCKET, {"bucket": "mine"}, first)[0] == {"bucket": "mine"}
    assert plugin.check(ROLE, {"namePrefix": "p-", "assumeRolePolicy": "{}"})[0]["name"].startswith("p-")


def test_takes_the_name_that_the_engine_proposes(plugin: Plugin) -> None:
    """Auto-naming configured in the project wins."""
    proposed = pb.CheckRequest.AutonamingOptions(
        proposed_name="local-x", mode=pb.CheckRequest.AutonamingOptions.PROPOSE
    )
    assert plugin.check(BUCKET, {}, autonaming=proposed)[0]["bucket"] == "local-x"


def test_a_preview_knows_inputs_and_leaves_the_rest_unknown(plugin: Plugin) -> None:
    """Nothing is created; computed outputs are unknown, nested ones too; tags have the provider's."""
    identity, outputs = plugin.create(VPC, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}, preview=True)
    assert identity == ""
    assert outputs["cidrBlock"] == "10.0.0.0/16"
    assert outputs["defaultSecurityGroupId"] is UNKNOWN
    assert outputs["tagsAll"] == {"a": "b", "owner": "platform"}
    _, cluster = plugin.create(
        "aws:eks/cluster:Cluster",
        {"name": "c", "roleArn": UNKNOWN, "vpcConfig": {"subnetIds": [UNKNOWN]}},
        preview=True,
    )
    assert cluster["vpcConfig"]["clusterSecurityGroupId"] is UNKNOWN
    assert cluster["vpcConfig"]["subnetIds"] == [UNKNOWN]


def test_default_tags_are_applied_and_secrets_stay_secret(plugin: Plugin, world: World) -> None:
    """The provider's tags reach AWS; an output that was given as a secret goes back as one."""
    identity, outputs = plugin.create(KEY, {"description": Secret("hidden"), "tags": {"a": "b"}})
    assert outputs["description"] == Secret("hidden")
    assert outputs["tagsAll"] == {"a": "b", "owner": "platform"}
    assert {"TagKey": "owner", "TagValue": "platform"} in world.api.call(
        "kms", "list_resource_tags", {"KeyId": identity}
    )["Tags"]


@pytest.mark.parametrize(
    ("kind", "olds", "news", "diffs", "replaces", "delete_first"),
    [
        (VPC, {"cidrBlock": "10.0.0.0/16"}, {"cidrBlock": "10.1.0.0/16"}, ["cidrBlock"], ["cidrBlock"], False),
        (VPC, {"cidrBlock": "a", "tags": {"a": "b"}}, {"cidrBlock": "a", "tags": {"a": "c"}}, ["tags"], [], False),
        (VPC, {"cidrBlock": "a"}, {"cidrBlock": "a", "enableDnsSupport": True}, [], [], False),
        (VPC, {"cidrBlock": "a"}, {"cidrBlock": UNKNOWN}, ["cidrBlock"], ["cidrBlock"], False),
        (
            BUCKET,
            {"bucket": "a", "__defaults": ["bucket"]},
            {"bucket": "a", "forceDestroy": True},
            ["forceDestroy"],
            [],
            False,
        ),
        (ROLE, {"assumeRolePolicy": '{"a": 1, "b": 2}'}, {"assumeRolePolicy": '{"b":2,"a":1}'}, [], [], False),
        (ROLE, {"name": "r", "path": "/a/"}, {"name": "r", "path": "/b/"}, ["path"], ["path"], True),
        (
            ROLE,
            {"name": "r", "path": "/a/"},
            {"name": "r", "path": "/b/", "__defaults": ["name"]},
            ["path"],
            ["path"],
            False,
        ),
        (
            "aws:eks/nodeGroup:NodeGroup",
            {"clusterName": "c", "launchTemplate": {"id": "lt-1", "version": "1"}},
            {"clusterName": "c", "launchTemplate": {"id": "lt-1", "version": "2"}},
            ["launchTemplate"],
            [],
            False,
        ),
        (
            "aws:eks/nodeGroup:NodeGroup",
            {"clusterName": "c", "nodeGroupName": "gpu", "launchTemplate": {"id": "lt-1", "version": "1"}},
            {"clusterName": "c", "nodeGroupName": "gpu", "launchTemplate": {"id": "lt-2", "version": "1"}},
            ["launchTemplate"],
            ["launchTemplate"],
            True,
        ),
    ],
)
def test_says_what_changes_and_what_replaces(
    plugin: Plugin, kind: str, olds: Any, news: Any, diffs: list[str], replaces: list[str], delete_first: bool
) -> None:
    """Immutable inputs replace, others update, equal meaning is no change; a kept name must be freed first."""
    found = plugin.diff(kind, olds, news)
    assert (list(found.diffs), list(found.replaces), found.deleteBeforeReplace) == (diffs, replaces, delete_first)
    assert found.changes == (DIFF.DIFF_SOME if diffs else DIFF.DIFF_NONE)


def test_ignored_changes_are_no_changes(plugin: Plugin) -> None:
    """The program's ignore_changes is respected."""
    found = plugin.diff(VPC, {"cidrBlock": "a"}, {"cidrBlock": "b"}, ignoreChanges=["cidrBlock"])
    assert found.changes == DIFF.DIFF_NONE


def test_a_refresh_reports_drift_and_loss(plugin: Plugin, world: World) -> None:
    """A change behind the program's back is in the inputs afterwards; what is lost has no id any more."""
    inputs = {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True}
    identity, state = plugin.create(VPC, inputs)
    assert plugin.read(VPC, identity, state, inputs) == (identity, state, inputs)
    world.api.call("ec2", "modify_vpc_attribute", {"VpcId": identity, "EnableDnsHostnames": {"Value": False}})
    world.api.call("ec2", "modify_vpc_attribute", {"VpcId": identity, "EnableDnsSupport": {"Value": False}})
    _, outputs, drifted = plugin.read(VPC, identity, state, inputs)
    assert drifted == {**inputs, "enableDnsHostnames": False, "enableDnsSupport": False}
    assert outputs["enableDnsHostnames"] is False
    assert list(plugin.diff(VPC, drifted, inputs).diffs) == ["enableDnsHostnames", "enableDnsSupport"]
    restart(world.api.endpoint)
    assert plugin.read(VPC, identity, state, inputs) == ("", {}, {})


def test_imports_by_id(plugin: Plugin, world: World) -> None:
    """From an id alone come the inputs that a program would write, without defaults and the provider's own tags."""
    role = world.refer(ROLE, "id")
    world.api.call("iam", "put_role_policy", {"RoleName": role, "PolicyName": "p", "PolicyDocument": POLICY})
    identity, outputs, inputs = plugin.read("aws:iam/rolePolicy:RolePolicy", f"{role}:p", {}, {})
    assert identity == f"{role}:p"
    assert inputs == {"role": role, "name": "p", "policy": POLICY}
    assert outputs["policy"] == POLICY
    assert plugin.read("aws:iam/rolePolicy:RolePolicy", "no:such", {}, {})[0] == ""


def test_a_refusal_names_the_resource(plugin: Plugin) -> None:
    """An error of AWS reaches the user with the type and the name of the resource."""
    plugin.create(BUCKET, {"bucket": "taken"})
    with pytest.raises(Aborted, match=r"^aws:eks/addon:Addon 'x': create_addon was refused: ResourceNotFoundException"):
        plugin.create("aws:eks/addon:Addon", {"clusterName": "none", "addonName": "vpc-cni"})
    with pytest.raises(
        Aborted, match=r"^aws:s3/bucketPolicy:BucketPolicy 'x': put_bucket_policy was refused: NoSuchBucket"
    ):
        plugin.create("aws:s3/bucketPolicy:BucketPolicy", {"bucket": "none", "policy": "{}"})


def test_a_failed_creation_leaves_nothing(plugin: Plugin, world: World) -> None:
    """When a later call of a creation is refused, what the first one made is removed."""
    with pytest.raises(Aborted, match="put_role_policy was refused"):
        plugin.create(
            ROLE, {"name": "half", "assumeRolePolicy": "{}", "inlinePolicies": [{"name": "p", "policy": "no JSON"}]}
        )
    assert world.api.call("iam", "list_roles", {})["Roles"] == []


def test_says_which_inputs_have_no_effect(plugin: Plugin) -> None:
    """An input that the emulator cannot apply is warned about, also inside objects."""
    plugin.create(
        "aws:s3/bucketObjectv2:BucketObjectv2",
        {"bucket": "b", "key": "k", "objectLockMode": "GOVERNANCE"},
        preview=True,
    )
    assert any("'objectLockMode' is recorded, not applied" in message for message in plugin.engine.heard)


def test_previews_without_an_account_create_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a preview-only process every change that is not a preview is refused in one sentence."""
    monkeypatch.setenv("LOCAL_AWS_PREVIEW", "1")
    plugin = Plugin(world.api.endpoint)
    assert plugin.create(BUCKET, {"bucket": "x"}, preview=True)[1]["bucket"] == "x"
    with pytest.raises(Aborted, match="this plugin only previews"):
        plugin.create(BUCKET, {"bucket": "x"})
    with pytest.raises(Aborted, match="this plugin only previews"):
        plugin.provider.Delete(pb.DeleteRequest(urn=urn(BUCKET), id="x"), Context())


@pytest.mark.parametrize("url", ["", "https://s3.us-east-1.amazonaws.com", "https://sts.amazonaws.com"])
def test_never_talks_to_aws_itself(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the emulator's address, or with one of AWS's, there is no endpoint at all."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    monkeypatch.delenv("LOCAL_AWS_PREVIEW", raising=False)
    with pytest.raises(Exception, match="must be the emulator's address"):
        emulator_endpoint()
