"""The two keys of the state, apart, so that who may read the state may not read the secrets in it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.operations.accounts import AwsAccount
from infra.operations.errors import OperationError, say
from infra.operations.state.settings import TAGS, Setting, by_name, tag_list

SECRETS_ALIAS = "alias/inference-state"
BUCKET_ALIAS = "alias/inference-state-bucket"
CONTEXT = "stack"
"""Member of the encryption context that every use of the secrets' key names, so that IAM policies can tell stacks apart."""
_ROTATION_DAYS = 365
_ADMINISTRATION = [
    "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:EnableKey",
    "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants", "kms:ListKeyPolicies",
    "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant", "kms:ScheduleKeyDeletion",
    "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias", "kms:UpdateKeyDescription",
]  # fmt: skip
"""What keeps a key manageable; no use of it."""


@dataclass(frozen=True)
class StateKey:
    """A key by its alias; `statements` say who uses it."""

    alias: str
    description: str
    statements: Sequence[dict[str, Any]]


def secrets_key(account: AwsAccount, *, roles: Sequence[str]) -> StateKey:
    """The key of Pulumi's secrets provider: used directly, by the roles that update stacks only, and naming the stack."""
    use = {
        "Sid": "UseByDeployers",
        "Effect": "Allow",
        "Principal": {"AWS": account.root},
        "Action": ["kms:Encrypt", "kms:Decrypt"],
        "Resource": "*",
        # A condition, not the principal: KMS refuses a policy that names a role which is not there yet.
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": [account.role_arn(role) for role in roles]},
            "Null": {f"kms:EncryptionContext:{CONTEXT}": "false"},
        },
    }
    return StateKey(SECRETS_ALIAS, "Secrets in the state of the inference stacks", [use])


def bucket_key(account: AwsAccount, *, bucket: str) -> StateKey:
    """The key of the state's bucket: used through S3, for that bucket, by whom the account's IAM policies allow."""
    arn = f"arn:{account.partition}:s3:::{bucket}"
    use = {
        "Sid": "UseThroughBucket",
        "Effect": "Allow",
        "Principal": {"AWS": account.root},
        "Action": ["kms:GenerateDataKey", "kms:Decrypt"],
        "Resource": "*",
        "Condition": {
            "StringEquals": {
                "kms:ViaService": f"s3.{account.region}.amazonaws.com",
                "kms:CallerAccount": account.id,
            },
            "ArnLike": {"kms:EncryptionContext:aws:s3:arn": [arn, f"{arn}/*"]},
        },
    }
    return StateKey(BUCKET_ALIAS, "Bucket with the state of the inference stacks", [use])


def ensure_key(account: AwsAccount, key: StateKey) -> str:
    """The key's ARN; it is made, or its policy, rotation and tags are put right, as needed.

    Raises OperationError where it is disabled or about to be deleted: state that it encrypts would be lost.
    """
    kms = account.client("kms")
    policy = _policy(account, key)
    found = _find(kms, key.alias)
    if found is None:
        found = _create(kms, key, policy)
    if found["KeyState"] != "Enabled":
        raise OperationError(
            f"The key {key.alias} is {found['KeyState']}, so the state cannot be read: enable it, or cancel its deletion."
        )
    identity = found["KeyId"]
    for setting in (
        Setting(
            f"policy of {key.alias}",
            wanted=policy,
            read=lambda: json.loads(kms.get_key_policy(KeyId=identity, PolicyName="default")["Policy"]),
            write=lambda: kms.put_key_policy(KeyId=identity, PolicyName="default", Policy=json.dumps(policy)),
        ),
        Setting(
            f"yearly rotation of {key.alias}",
            wanted={"KeyRotationEnabled": True, "RotationPeriodInDays": _ROTATION_DAYS},
            # A period that is not told is the default, a year.
            read=lambda: {"RotationPeriodInDays": _ROTATION_DAYS, **kms.get_key_rotation_status(KeyId=identity)},
            write=lambda: kms.enable_key_rotation(KeyId=identity, RotationPeriodInDays=_ROTATION_DAYS),
        ),
        Setting(
            f"tags of {key.alias}",
            wanted=_tags(key),
            read=lambda: by_name(kms.list_resource_tags(KeyId=identity)["Tags"], key="TagKey"),
            write=lambda: kms.tag_resource(KeyId=identity, Tags=_tags(key)),
        ),
    ):
        setting.ensure()
    return str(found["Arn"])


def _find(kms: Any, alias: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = kms.describe_key(KeyId=alias)["KeyMetadata"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return None
    return found


def _create(kms: Any, key: StateKey, policy: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = kms.create_key(Description=key.description, Policy=json.dumps(policy), Tags=_tags(key))[
        "KeyMetadata"
    ]
    kms.create_alias(AliasName=key.alias, TargetKeyId=made["KeyId"])
    say(f"made: key {key.alias}")
    return made


def _tags(key: StateKey) -> list[dict[str, str]]:
    return tag_list({**TAGS, "Name": key.alias.removeprefix("alias/")}, key="TagKey", value="TagValue")


def _policy(account: AwsAccount, key: StateKey) -> dict[str, Any]:
    administration = {
        "Sid": "Administration",
        "Effect": "Allow",
        "Principal": {"AWS": account.root},
        "Action": _ADMINISTRATION,
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [administration, *key.statements]}
