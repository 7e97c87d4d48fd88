"""AWS Backup: vaults and their lock, policy and notifications; plans and what they select."""

from local.aws.resource import Call, Resource, Tagging


def _tagging(resource: str) -> Tagging:
    """Tags of a vault or a plan; moto forgets those that a plan is created with."""
    arn = f"arn:{{partition}}:backup:{{region}}:{{account}}:{resource}:{{id}}"
    return Tagging(
        add=Call(operation="tag_resource", params={"ResourceArn": arn}),
        remove=Call(operation="untag_resource", params={"ResourceArn": arn, "TagKeyList": "{tagKeys}"}),
        read=Call(operation="list_tags", params={"ResourceArn": arn}, result="Tags"),
        on_create=False,
    )


_VAULT = {"BackupVaultName": "{backupVaultName}"}
_PLAN_INPUTS = ("name", "rules", "advancedBackupSettings", "scanSettings")
_PLAN = {"BackupPlanId": "{id}"}
_SELECTION = {"BackupPlanId": "{planId}", "SelectionId": "{id}"}
_POLICY = Call(operation="put_backup_vault_access_policy", inputs=None)

RESOURCES = (
    Resource(
        kind="aws:backup/vault:Vault",
        service="backup",
        id="{name}",
        autoname="name",
        create=Call(operation="create_backup_vault", inputs=None),
        read=(Call(operation="describe_backup_vault", params={"BackupVaultName": "{id}"}),),
        delete=Call(operation="delete_backup_vault", params={"BackupVaultName": "{id}"}),
        rename={
            "name": "BackupVaultName",
            "arn": "BackupVaultArn",
            "kmsKeyArn": "EncryptionKeyArn",
            "recoveryPoints": "NumberOfRecoveryPoints",
        },
        behaviour=("forceDestroy",),
        tagging=_tagging("backup-vault"),
    ),
    Resource(
        kind="aws:backup/vaultLockConfiguration:VaultLockConfiguration",
        service="backup",
        id="{backupVaultName}",
        create=Call(operation="put_backup_vault_lock_configuration", inputs=None),
        read=(Call(operation="describe_backup_vault", params=_VAULT, result="[@][?Locked] | [0]"),),
        delete=Call(operation="delete_backup_vault_lock_configuration", params=_VAULT),
        unread=("changeableForDays",),
    ),
    Resource(
        kind="aws:backup/vaultPolicy:VaultPolicy",
        service="backup",
        id="{backupVaultName}",
        remembered=True,
        create=_POLICY,
        read=(Call(operation="get_backup_vault_access_policy", params=_VAULT),),
        update=(Call(operation="put_backup_vault_access_policy", params=_VAULT, inputs=("policy",)),),
        delete=Call(operation="delete_backup_vault_access_policy", params=_VAULT),
    ),
    Resource(
        kind="aws:backup/vaultNotifications:VaultNotifications",
        service="backup",
        id="{backupVaultName}",
        remembered=True,
        create=Call(operation="put_backup_vault_notifications", inputs=None),
        read=(Call(operation="get_backup_vault_notifications", params=_VAULT),),
        delete=Call(operation="delete_backup_vault_notifications", params=_VAULT),
    ),
    Resource(
        kind="aws:backup/plan:Plan",
        service="backup",
        id="{BackupPlanId}",
        autoname="name",
        remembered=True,
        create=Call(operation="create_backup_plan", into="BackupPlan", inputs=_PLAN_INPUTS),
        read=(
            Call(operation="get_backup_plan", params=_PLAN, result="BackupPlan"),
            Call(operation="get_backup_plan", params=_PLAN, result="{arn: BackupPlanArn, version: VersionId}"),
        ),
        update=(Call(operation="update_backup_plan", params=_PLAN, into="BackupPlan", inputs=_PLAN_INPUTS),),
        delete=Call(operation="delete_backup_plan", params=_PLAN),
        rename={
            "name": "BackupPlanName",
            "targetVaultName": "TargetBackupVaultName",
            "schedule": "ScheduleExpression",
            "startWindow": "StartWindowMinutes",
            "completionWindow": "CompletionWindowMinutes",
            "coldStorageAfter": "MoveToColdStorageAfterDays",
            "deleteAfter": "DeleteAfterDays",
            "destinationVaultArn": "DestinationBackupVaultArn",
        },
        tagging=_tagging("backup-plan"),
    ),
    Resource(
        kind="aws:backup/selection:Selection",
        service="backup",
        id="{SelectionId}",
        import_id="{planId}|{SelectionId}",
        autoname="name",
        remembered=True,
        create=Call(
            operation="create_backup_selection",
            params={"BackupPlanId": "{planId}"},
            into="BackupSelection",
            inputs=("name", "iamRoleArn", "resources", "notResources", "conditions", "selectionTags"),
        ),
        read=(Call(operation="get_backup_selection", params=_SELECTION, result="BackupSelection"),),
        delete=Call(operation="delete_backup_selection", params=_SELECTION),
        rename={
            "planId": "BackupPlanId",
            "name": "SelectionName",
            "selectionTags": "ListOfTags",
            "type": "ConditionType",
            "key": "ConditionKey",
            "value": "ConditionValue",
        },
        outputs={"planId": "{planId}"},
    ),
)
