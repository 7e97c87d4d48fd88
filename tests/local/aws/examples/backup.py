"""Examples: AWS Backup."""

from collections.abc import Mapping

from tests.local.aws.examples.common import KEY_POLICY, POLICY, Example, Refer, key, role

TAGS = {"tags": {"owner": "platform"}}


def vault(refer: Refer) -> str:
    """Name of the vault."""
    return str(refer("aws:backup/vault:Vault", "name"))


def rule(vault: str, *, days: int) -> Mapping[str, object]:
    """A nightly rule that keeps for so many days."""
    return {
        "ruleName": "nightly",
        "targetVaultName": vault,
        "schedule": "cron(0 5 * * ? *)",
        "startWindow": 60,
        "completionWindow": 180,
        "lifecycle": {"deleteAfter": days, "coldStorageAfter": 30},
        "recoveryPointTags": {"a": "b"},
    }


EXAMPLES: Mapping[str, Example] = {
    "aws:backup/vault:Vault": Example(
        inputs=lambda r: {"name": "inference", "kmsKeyArn": key(r), "tags": {"a": "b"}},
        update={"forceDestroy": True, **TAGS},
        outputs={"arn": "arn:aws:backup:us-east-1:123456789012:backup-vault:inference", "recoveryPoints": "0"},
    ),
    "aws:backup/vaultLockConfiguration:VaultLockConfiguration": Example(
        inputs=lambda r: {"backupVaultName": vault(r), "minRetentionDays": 35, "maxRetentionDays": 2557},
        outputs={"backupVaultArn": "arn:aws:backup:.*:backup-vault:inference"},
    ),
    "aws:backup/vaultPolicy:VaultPolicy": Example(
        inputs=lambda r: {"backupVaultName": vault(r), "policy": KEY_POLICY},
        update={"policy": POLICY},
        outputs={"backupVaultArn": "arn:aws:backup:.*:backup-vault:inference"},
    ),
    "aws:backup/vaultNotifications:VaultNotifications": Example(
        inputs=lambda r: {
            "backupVaultName": vault(r),
            "snsTopicArn": r("aws:sns/topic:Topic", "arn"),
            "backupVaultEvents": ["BACKUP_JOB_FAILED", "COPY_JOB_FAILED"],
        },
        outputs={"backupVaultArn": "arn:aws:backup:.*:backup-vault:inference"},
    ),
    "aws:backup/plan:Plan": Example(
        inputs=lambda r: {"name": "nightly", "rules": [rule(vault(r), days=120)], "tags": {"a": "b"}},
        update={"rules": [rule("inference", days=2557)], **TAGS},
        outputs={"arn": r"arn:aws:backup:.*:backup-plan:[\w-]{36}", "version": r"\w+"},
    ),
    "aws:backup/selection:Selection": Example(
        inputs=lambda r: {
            "name": "models",
            "planId": r("aws:backup/plan:Plan", "id"),
            "iamRoleArn": role(r),
            "resources": ["arn:aws:s3:::models"],
            "selectionTags": [{"type": "STRINGEQUALS", "key": "backup", "value": "nightly"}],
            "conditions": [{"stringEquals": [{"key": "aws:ResourceTag/environment", "value": "prod"}]}],
        },
    ),
}
