"""What is left of a stack is found, and what is meant to be left is told apart."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.operations.accounts import AwsAccount
from infra.operations.errors import FAILED, run
from infra.operations.leaks import LEAKING, leaks, leftovers, main
from infra.operations.leftovers.leftover import Leftover, Search
from infra.operations.stacks import StackFile
from tests.infra.conftest import ACCOUNT

TAGS = {"project": "inference", "environment": "dev"}
TAG_LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]
OTHER_LIST = [{"Key": "project", "Value": "inference"}, {"Key": "environment", "Value": "dev-two"}]
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
ARN = f"arn:aws:{{}}:us-east-1:{ACCOUNT}:"
Make = Callable[[AwsAccount], str]


def vpc(aws: AwsAccount, *, tags: list[dict[str, str]] | None = None) -> tuple[str, str]:
    """Ids of a VPC and of a subnet in it; only the VPC has the tags."""
    ec2 = aws.client("ec2")
    found = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    if tags:
        ec2.create_tags(Resources=[found], Tags=tags)
    return found, ec2.create_subnet(VpcId=found, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]


def tagged_vpc(aws: AwsAccount) -> str:
    return f"{ARN.format('ec2')}vpc/{vpc(aws, tags=TAG_LIST)[0]}"


def tagged_bucket(aws: AwsAccount, name: str = "inference-dev-models-1", *, lock: bool = False) -> str:
    aws.client("s3").create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
    aws.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": TAG_LIST})
    return f"arn:aws:s3:::{name}"


def log_group(aws: AwsAccount) -> str:
    aws.client("logs").create_log_group(logGroupName="/aws/eks/inference-dev/cluster")
    return f"{ARN.format('logs')}log-group:/aws/eks/inference-dev/cluster"


def firewall_logs(aws: AwsAccount) -> str:
    for name in ("aws-waf-logs-inference-dev", "aws-waf-logs-inference-dev-two"):
        aws.client("logs").create_log_group(logGroupName=name)
    return f"{ARN.format('logs')}log-group:aws-waf-logs-inference-dev"


def control_plane_interface(aws: AwsAccount) -> str:
    made = aws.client("ec2").create_network_interface(SubnetId=vpc(aws)[1], Description="Amazon EKS inference-dev")
    return f"{ARN.format('ec2')}network-interface/{made['NetworkInterface']['NetworkInterfaceId']}"


def node_volume(aws: AwsAccount) -> str:
    def made(name: str, environment: list[dict[str, str]]) -> str:
        tags = [{"Key": "Name", "Value": name}, *environment]
        volume = aws.client("ec2").create_volume(
            AvailabilityZone="us-east-1a", Size=50,
            TagSpecifications=[{"ResourceType": "volume", "Tags": tags}],
        )  # fmt: skip
        return str(volume["VolumeId"])

    made("inference-dev-two-system", OTHER_LIST)
    return f"{ARN.format('ec2')}volume/{made('inference-dev-system', [])}"


def scaling_group(aws: AwsAccount) -> str:
    scaling = aws.client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="l", ImageId="ami-12c6146b", InstanceType="t3.nano")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="eks-system", LaunchConfigurationName="l", MinSize=0, MaxSize=0,
        AvailabilityZones=["us-east-1a"], Tags=[{"Key": "eks:cluster-name", "Value": "inference-dev"}],
    )  # fmt: skip
    return str(scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["AutoScalingGroupARN"])


def role(aws: AwsAccount) -> str:
    iam = aws.client("iam")
    iam.create_role(RoleName="inference-dev-two-nodes", AssumeRolePolicyDocument=TRUST, Tags=OTHER_LIST)
    iam.create_role(RoleName="somebody-else", AssumeRolePolicyDocument=TRUST)
    made = iam.create_role(RoleName="inference-dev-nodes", AssumeRolePolicyDocument=TRUST, Tags=TAG_LIST)
    return str(made["Role"]["Arn"])


def policy(aws: AwsAccount) -> str:
    statement = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = aws.client("iam").create_policy(PolicyName="inference-dev-flow-logs", PolicyDocument=document)
    return str(made["Policy"]["Arn"])


def instance_profile(aws: AwsAccount) -> str:
    made = aws.client("iam").create_instance_profile(InstanceProfileName="inference-dev-tunnel")
    return str(made["InstanceProfile"]["Arn"])


def issuer(aws: AwsAccount) -> str:
    iam = aws.client("iam")
    iam.create_open_id_connect_provider(Url="https://issuer.example.org", ClientIDList=["x"])
    made = iam.create_open_id_connect_provider(Url="https://oidc.example.org", ClientIDList=["x"], Tags=TAG_LIST)
    return str(made["OpenIDConnectProviderArn"])


def key_alias(aws: AwsAccount) -> str:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/inference-dev/logs", TargetKeyId=key)
    return f"{ARN.format('kms')}alias/inference-dev/logs"


def repository(aws: AwsAccount) -> str:
    aws.client("ecr").create_repository(repositoryName="inference-dev-two/gateway")
    made = aws.client("ecr").create_repository(repositoryName="inference-dev/k8s/metrics-server")
    return str(made["repository"]["repositoryArn"])


def recorder(aws: AwsAccount) -> str:
    aws.client("config").put_configuration_recorder(
        ConfigurationRecorder={"name": "inference-dev", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"}
    )
    return f"{ARN.format('config')}configuration-recorder/inference-dev"


def running_instance(aws: AwsAccount) -> str:
    made = aws.client("ec2").run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=vpc(aws)[1],
        TagSpecifications=[{"ResourceType": "instance", "Tags": TAG_LIST}],
    )  # fmt: skip
    return f"{ARN.format('ec2')}instance/{made['Instances'][0]['InstanceId']}"


LEFT: tuple[Make, ...] = (
    tagged_vpc,
    tagged_bucket,
    log_group,
    firewall_logs,
    control_plane_interface,
    node_volume,
    scaling_group,
    role,
    policy,
    instance_profile,
    issuer,
    key_alias,
    repository,
    recorder,
    running_instance,
)


@pytest.mark.parametrize("make", LEFT, ids=lambda make: str(make.__name__))
def test_each_kind_of_thing_that_is_left_is_found_and_nothing_of_others(
    aws: AwsAccount, stack: StackFile, make: Make
) -> None:
    """By tag where there is one, by name where not; `dev-two` is another stack, although its names begin with ours."""
    arn = make(aws)
    assert leftovers(Search(aws, stack)) == [Leftover(arn)]
    assert run(lambda: leaks(stack)) == LEAKING


def test_the_group_that_eks_makes_for_a_cluster_is_found(
    aws: AwsAccount, stack: StackFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto lets nobody set EKS's own tag, so the tag stands under another name here."""
    from infra.operations.leftovers import untagged

    ec2, (network, _) = aws.client("ec2"), vpc(aws)
    group = ec2.create_security_group(GroupName="eks-cluster-sg", Description="EKS", VpcId=network)["GroupId"]
    ec2.create_tags(Resources=[group], Tags=[{"Key": "eks:cluster-name", "Value": "inference-dev"}])
    monkeypatch.setattr(untagged, "EKS_TAG", "eks:cluster-name")
    assert leftovers(Search(aws, stack)) == [Leftover(f"{ARN.format('ec2')}security-group/{group}")]


def test_rules_of_the_registry_are_found(aws: AwsAccount, stack: StackFile, answers: dict[str, Any]) -> None:
    """By the beginning of their prefix."""
    prefixes = ("inference-dev/k8s", "inference-dev-two/k8s")
    answers["DescribePullThroughCacheRules"] = {
        "pullThroughCacheRules": [{"ecrRepositoryPrefix": prefix} for prefix in prefixes]
    }
    answers["DescribeRepositoryCreationTemplates"] = {
        "repositoryCreationTemplates": [{"prefix": name} for name in ("inference-dev", "inference-dev-two")]
    }
    assert [each.arn for each in leftovers(Search(aws, stack))] == [
        f"{ARN.format('ecr')}pull-through-cache-rule/inference-dev/k8s",
        f"{ARN.format('ecr')}repository-creation-template/inference-dev",
    ]


def test_an_empty_account_has_no_leak(aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0, and one sentence that says where it looked."""
    assert run(lambda: leaks(stack)) == 0
    assert capsys.readouterr().out == f"Nothing is left of dev in account {ACCOUNT}, us-east-1.\n"


def test_a_key_that_waits_for_its_deletion_is_shown_and_no_leak(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """AWS deletes no key at once; the day is told."""
    kms = aws.client("kms")
    key = kms.create_key(Tags=[{"TagKey": name, "TagValue": value} for name, value in TAGS.items()])["KeyMetadata"]
    deleted = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)["DeletionDate"]
    assert run(lambda: leaks(stack)) == 0
    shown = capsys.readouterr().out
    assert "No leak:" in shown
    assert f"{key['Arn']} (deleted on {deleted:%Y-%m-%d})" in shown


def test_a_terminated_instance_is_gone(aws: AwsAccount, stack: StackFile) -> None:
    """The tagging API lists it for an hour more."""
    arn = running_instance(aws)
    aws.client("ec2").terminate_instances(InstanceIds=[arn.rpartition("/")[2]])
    assert leftovers(Search(aws, stack)) == []


def lock(aws: AwsAccount, bucket: str, mode: str) -> None:
    """Gives a bucket a default retention."""
    aws.client("s3").put_object_lock_configuration(
        Bucket=bucket,
        ObjectLockConfiguration={
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": mode, "Days": 2192}},
        },
    )


def test_records_that_a_protected_stack_keeps_are_shown_with_their_key_and_no_leak(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]
) -> None:
    """A bucket in compliance mode, its key and the key's alias stay for years, and are meant to."""
    kms, s3 = aws.client("kms"), aws.client("s3")
    arn = tagged_bucket(aws, "inference-dev-trail-1", lock=True)
    lock(aws, "inference-dev-trail-1", "COMPLIANCE")
    key = kms.create_key(Tags=[{"TagKey": name, "TagValue": value} for name, value in TAGS.items()])["KeyMetadata"]
    kms.create_alias(AliasName="alias/inference-dev/archive", TargetKeyId=key["KeyId"])
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["Arn"]}
    s3.put_bucket_encryption(
        Bucket="inference-dev-trail-1",
        ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
    )
    assert run(lambda: leaks(stack)) == 0
    shown = capsys.readouterr().out
    assert f"{arn} (kept on purpose: its Object Lock is in compliance mode)" in shown
    assert f"{key['Arn']} (kept on purpose: what is kept is encrypted with it)" in shown
    assert "alias/inference-dev/archive (kept on purpose" in shown


def test_a_lock_that_can_be_lifted_is_no_purpose(aws: AwsAccount, stack: StackFile) -> None:
    """In governance mode the bucket should have gone with its unprotected stack."""
    arn = tagged_bucket(aws, "inference-dev-trail-1", lock=True)
    lock(aws, "inference-dev-trail-1", "GOVERNANCE")
    assert leftovers(Search(aws, stack)) == [Leftover(arn)]


@pytest.mark.parametrize(("effect", "purpose"), [("Deny", True), ("Allow", False)])
def test_a_bucket_whose_policy_refuses_deletions_is_kept_on_purpose(
    aws: AwsAccount, stack: StackFile, effect: str, purpose: bool
) -> None:
    """Where no lock is possible a policy stands in for it."""
    arn = tagged_bucket(aws, "inference-dev-configuration-1")
    statement: dict[str, Any] = {
        "Sid": "NoDeletion",
        "Effect": effect,
        "Principal": "*",
        "Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"],
        "Resource": f"{arn}/*",
        "Condition": {"Bool": {"aws:SecureTransport": "true"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.client("s3").put_bucket_policy(Bucket="inference-dev-configuration-1", Policy=document)
    aws.client("s3").put_bucket_encryption(
        Bucket="inference-dev-configuration-1",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
        },
    )
    (found,) = leftovers(Search(aws, stack))
    assert (found.excused is not None) is purpose


@pytest.mark.parametrize(("changeable_days", "purpose"), [(3, True), (None, False)])
def test_a_vault_in_compliance_mode_is_kept_on_purpose(
    aws: AwsAccount, stack: StackFile, changeable_days: int | None, purpose: bool
) -> None:
    """A lock with a date is one that nobody lifts after it."""
    backup = aws.client("backup")
    backup.create_backup_vault(BackupVaultName="inference-dev-vault-1", BackupVaultTags=TAGS)
    days = {"ChangeableForDays": changeable_days} if changeable_days else {}
    backup.put_backup_vault_lock_configuration(
        BackupVaultName="inference-dev-vault-1", MinRetentionDays=35, MaxRetentionDays=400, **days
    )
    (found,) = leftovers(Search(aws, stack))
    assert (found.excused is not None) is purpose


def test_recovery_points_of_a_kept_vault_are_kept(aws: AwsAccount, stack: StackFile, answers: dict[str, Any]) -> None:
    """A snapshot is found by its tags, and known by the vault that it is in."""
    backup, ec2 = aws.client("backup"), aws.client("ec2")
    backup.create_backup_vault(BackupVaultName="inference-dev-vault-1", BackupVaultTags=TAGS)
    backup.put_backup_vault_lock_configuration(
        BackupVaultName="inference-dev-vault-1", MinRetentionDays=35, MaxRetentionDays=400, ChangeableForDays=3
    )
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    ec2.create_tags(Resources=[snapshot], Tags=TAG_LIST)
    points = [{"RecoveryPointArn": f"arn:aws:ec2:us-east-1::snapshot/{snapshot}"}]
    answers["ListRecoveryPointsByBackupVault"] = {"RecoveryPoints": points}
    found = {each.kind: each.excused for each in leftovers(Search(aws, stack))}
    assert found["ec2:snapshot"] == "kept on purpose: it is in a vault that is kept"


def test_without_credentials_it_says_so_and_finds_nothing(
    stack: StackFile, capsys: pytest.CaptureFixture[str], no_credentials: None
) -> None:
    """Not having looked is neither a leak nor the absence of one: its exit status is its own."""
    assert run(lambda: leaks(stack)) == FAILED
    said = capsys.readouterr()
    assert said.err.startswith("There are no AWS credentials (")
    assert said.out == ""


def test_a_refused_call_is_one_sentence(
    aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str], refusals: Callable[[dict[str, str]], None]
) -> None:
    """Where it may not look it does not say that nothing is there."""
    refusals({"ListRoles": "AccessDenied"})
    assert run(lambda: leaks(stack)) == FAILED
    assert capsys.readouterr().err == "AWS refused ListRoles: AccessDenied: Not so\n"


def test_a_stack_without_a_file_is_refused() -> None:
    """A typing error must not read as a clean account."""
    assert main(["nowhere"]) == FAILED
