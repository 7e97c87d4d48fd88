"""What a protected stack leaves on purpose: records and backups that are due for years, and the keys that open them."""

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from infra.operations.leftovers.leftover import Search

_LOCKED = "kept on purpose: its Object Lock is in compliance mode"
_NOT_DELETED = "kept on purpose: its policy refuses deletions"
_VAULT = "kept on purpose: its lock is in compliance mode"
_POINT = "kept on purpose: it is in a vault that is kept"
_KEY = "kept on purpose: what is kept is encrypted with it"


def kept(search: Search) -> dict[str, str]:
    """Reason by ARN, read off the resources themselves: what AWS refuses to delete was meant to stay."""
    found: dict[str, str] = {}
    for arn, reason, key in (*_buckets(search), *_vaults(search)):
        found[arn] = reason
        if key:
            found[key] = _KEY
    for page in search.pages("kms", "list_aliases"):
        for alias in page["Aliases"]:
            if search.arn("kms", f"key/{alias.get('TargetKeyId')}") in found:
                found[alias["AliasArn"]] = _KEY
    return found


def _buckets(search: Search) -> Iterator[tuple[str, str, str | None]]:
    s3 = search.account.client("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        name = bucket["Name"]
        if name.startswith(f"{search.stack.name}-") and (reason := _why_kept(search, name)):
            rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
            key = rules[0]["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID")
            yield f"arn:{search.account.partition}:s3:::{name}", reason, key


def _why_kept(search: Search, bucket: str) -> str | None:
    s3 = search.account.client("s3")
    try:
        lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
        if lock.get("Rule", {}).get("DefaultRetention", {}).get("Mode") == "COMPLIANCE":
            return _LOCKED
    except ClientError as error:
        if error.response["Error"]["Code"] != "ObjectLockConfigurationNotFoundError":
            raise
    try:
        statements = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return None
    refuses = any(each["Effect"] == "Deny" and "s3:DeleteObject" in each["Action"] for each in statements)
    return _NOT_DELETED if refuses else None


def _vaults(search: Search) -> Iterator[tuple[str, str, str | None]]:
    """A vault whose lock has a date is in compliance mode; before that date it can still be lifted."""
    for page in search.pages("backup", "list_backup_vaults"):
        for vault in page["BackupVaultList"]:
            if vault["BackupVaultName"].startswith(search.stack.name) and vault.get("LockDate"):
                yield vault["BackupVaultArn"], _VAULT, vault.get("EncryptionKeyArn")
                yield from _recovery_points(search, vault["BackupVaultName"])


def _recovery_points(search: Search, vault: str) -> Iterator[tuple[str, str, str | None]]:
    """Snapshots have no account in the ARN that AWS Backup gives, and have one in the tagging API's."""
    place = search.account.region
    for page in search.pages("backup", "list_recovery_points_by_backup_vault", BackupVaultName=vault):
        for point in page["RecoveryPoints"]:
            arn = str(point["RecoveryPointArn"])
            yield arn.replace(f":{place}::", f":{place}:{search.account.id}:"), _POINT, None
