"""What is left of a stack is a leak, unless it is meant to be left; the exit status says which."""

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
from tests.infra.operations.test_leftovers import TAG_LIST, TAGS, running_instance, tagged_bucket, tagged_vpc


def test_a_leak_is_shown_by_kind_and_arn(aws: AwsAccount, stack: StackFile, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 1, so that a pipeline stops."""
    arn = tagged_vpc(aws)
    assert run(lambda: leaks(stack)) == LEAKING
    assert capsys.readouterr().out == (f"1 left of dev in account {ACCOUNT}, us-east-1:\n  {'ec2:vpc':<24} {arn}\n")


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
