"""KMS keys and aliases, log groups, and what an account keeps from the public."""

from typing import Any

from local.aws.api import Api
from local.aws.resource import Call, Resource, Scope, Step, Tagging


def _rotate(api: Api, scope: Scope, _old: Scope) -> None:
    if scope.get("enableKeyRotation"):
        period = {"RotationPeriodInDays": scope["rotationPeriodInDays"]} if scope.get("rotationPeriodInDays") else {}
        api.call("kms", "enable_key_rotation", {"KeyId": scope["id"], **period})
    else:
        api.call("kms", "disable_key_rotation", {"KeyId": scope["id"]})


def _enable(api: Api, scope: Scope, _old: Scope) -> None:
    api.call("kms", "enable_key" if scope.get("isEnabled", True) else "disable_key", {"KeyId": scope["id"]})


def _retain(api: Api, scope: Scope, _old: Scope) -> None:
    days = scope.get("retentionInDays")
    verb, params = ("put", {"retentionInDays": days}) if days else ("delete", {})
    api.call("logs", f"{verb}_retention_policy", {"logGroupName": scope["id"], **params})


def _log_key(api: Api, scope: Scope, _old: Scope) -> None:
    if scope.get("kmsKeyId"):
        api.call("logs", "associate_kms_key", {"logGroupName": scope["id"], "kmsKeyId": scope["kmsKeyId"]})
    else:
        api.call("logs", "disassociate_kms_key", {"logGroupName": scope["id"]})


def _account(scope: Scope) -> Any:
    return scope.get("accountId") or scope["account"]


_BLOCK = Call(
    operation="put_public_access_block",
    params={"AccountId": _account},
    into="PublicAccessBlockConfiguration",
    inputs=("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"),
)
_SNAPSHOTS = Call(operation="enable_snapshot_block_public_access", inputs=("state",))

RESOURCES = (
    Resource(
        kind="aws:kms/key:Key",
        service="kms",
        id="{KeyId}",
        create=Call(operation="create_key", inputs=None, result="KeyMetadata"),
        read=(
            Call(
                operation="describe_key",
                params={"KeyId": "{id}"},
                result="[KeyMetadata][?KeyState!='PendingDeletion'] | [0]",
            ),
            Call(
                operation="get_key_policy", params={"KeyId": "{id}", "PolicyName": "default"}, result="{Policy: Policy}"
            ),
            Call(
                operation="get_key_rotation_status",
                params={"KeyId": "{id}"},
                optional=True,
                result="{enableKeyRotation: KeyRotationEnabled, RotationPeriodInDays: RotationPeriodInDays}",
            ),
        ),
        update=(
            Step(inputs=("enableKeyRotation", "rotationPeriodInDays"), apply=_rotate),
            Step(inputs=("isEnabled",), apply=_enable),
            Call(operation="put_key_policy", params={"KeyId": "{id}", "PolicyName": "default"}, inputs=("policy",)),
            Call(operation="update_key_description", params={"KeyId": "{id}"}, inputs=("description",)),
        ),
        delete=Call(
            operation="schedule_key_deletion", params={"KeyId": "{id}", "PendingWindowInDays": "{deletionWindowInDays}"}
        ),
        rename={"customerMasterKeySpec": "KeySpec", "isEnabled": "Enabled"},
        behaviour=("deletionWindowInDays",),
        tagging=Tagging(
            add=Call(operation="tag_resource", params={"KeyId": "{id}"}),
            remove=Call(operation="untag_resource", params={"KeyId": "{id}", "TagKeys": "{tagKeys}"}),
            read=Call(operation="list_resource_tags", params={"KeyId": "{id}"}, result="Tags"),
        ),
        defaults={"customerMasterKeySpec": "SYMMETRIC_DEFAULT", "keyUsage": "ENCRYPT_DECRYPT", "isEnabled": True},
    ),
    Resource(
        kind="aws:kms/alias:Alias",
        service="kms",
        id="{name}",
        autoname="name",
        name_pattern=lambda name: f"alias/{name}",
        create=Call(operation="create_alias", inputs=None),
        read=(Call(operation="list_aliases", result="Aliases[?AliasName=='{id}'] | [0]"),),
        update=(Call(operation="update_alias", params={"AliasName": "{id}"}, inputs=("targetKeyId",)),),
        delete=Call(operation="delete_alias", params={"AliasName": "{id}"}),
        rename={"name": "AliasName"},
        outputs={"arn": "{AliasArn}", "targetKeyArn": "arn:{partition}:kms:{region}:{account}:key/{TargetKeyId}"},
    ),
    Resource(
        kind="aws:cloudwatch/logGroup:LogGroup",
        service="logs",
        id="{name}",
        autoname="name",
        create=Call(operation="create_log_group", inputs=None),
        read=(
            Call(
                operation="describe_log_groups",
                params={"logGroupNamePrefix": "{id}"},
                result="logGroups[?logGroupName=='{id}'] | [0]",
            ),
        ),
        update=(Step(inputs=("retentionInDays",), apply=_retain), Step(inputs=("kmsKeyId",), apply=_log_key)),
        delete=Call(operation="delete_log_group", params={"logGroupName": "{id}"}),
        rename={"name": "logGroupName"},
        behaviour=("skipDestroy",),
        tagging=Tagging(
            add=Call(operation="tag_log_group", params={"logGroupName": "{id}"}),
            remove=Call(operation="untag_log_group", params={"logGroupName": "{id}", "tags": "{tagKeys}"}),
            read=Call(operation="list_tags_log_group", params={"logGroupName": "{id}"}, result="tags"),
        ),
        outputs={"arn": "arn:{partition}:logs:{region}:{account}:log-group:{id}", "name": "{id}"},
    ),
    Resource(
        kind="aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
        service="s3control",
        id="{account}",
        create=_BLOCK,
        read=(
            Call(
                operation="get_public_access_block",
                params={"AccountId": "{id}"},
                result="PublicAccessBlockConfiguration",
            ),
        ),
        update=(_BLOCK,),
        delete=Call(operation="delete_public_access_block", params={"AccountId": "{id}"}),
        fixed=("accountId",),
        outputs={"accountId": "{id}"},
    ),
    Resource(
        kind="aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
        service="ec2",
        id="{region}",
        remembered=True,
        create=_SNAPSHOTS,
        read=(Call(operation="get_snapshot_block_public_access_state"),),
        update=(_SNAPSHOTS,),
        delete=Call(operation="disable_snapshot_block_public_access"),
    ),
)
