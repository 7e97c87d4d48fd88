"""Backup plans, what they select, and the settings of vaults."""

import uuid
from typing import Any

from local.aws.lacking.kind import Kind, Params, now, verbs


def _backup_plan(_p: Params, arn: str) -> dict[str, Any]:
    identity = str(uuid.uuid4())
    return {
        "BackupPlanId": identity,
        "BackupPlanArn": f"{arn}backup-plan:{identity}",
        "VersionId": uuid.uuid4().hex,
        "CreationDate": now(),
    }


def _selection(_p: Params, _arn: str) -> dict[str, Any]:
    return {"SelectionId": str(uuid.uuid4()), "CreationDate": now()}


def _of_vault(p: Params, arn: str) -> dict[str, Any]:
    return {"BackupVaultArn": f"{arn}backup-vault:{p['BackupVaultName']}"}


def _vault_setting(noun: str, name: str) -> Kind:
    """A setting of a backup vault: put_, get_ and delete_backup_vault_<noun>."""
    return Kind(
        service="backup",
        name=name,
        operations={f"{verb}_backup_vault_{noun}": done for verb, done in _SETTING_VERBS.items()},
        key=("BackupVaultName",),
        added=_of_vault,
        belongs=("describe_backup_vault", {"BackupVaultName": "BackupVaultName"}),
    )


_SETTING_VERBS = {"put": "put", "get": "read", "delete": "delete"}

KINDS = (
    Kind(
        service="backup",
        name="backup plan",
        operations=verbs("backup_plan", read="get_backup_plan"),
        key=("BackupPlanId",),
        added=_backup_plan,
        renewed=("VersionId",),
    ),
    Kind(
        service="backup",
        name="backup selection",
        operations=verbs("backup_selection", read="get_backup_selection"),
        key=("BackupPlanId", "SelectionId"),
        added=_selection,
        belongs=("get_backup_plan", {"BackupPlanId": "BackupPlanId"}),
    ),
    _vault_setting("access_policy", "access policy"),
    _vault_setting("notifications", "notification configuration"),
)
