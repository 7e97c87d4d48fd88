"""Customer managed keys, one for each use, each usable only for that use."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import policy_document

_ADMINISTRATION = [
    "kms:CancelKeyDeletion", "kms:CreateAlias", "kms:DeleteAlias", "kms:DescribeKey", "kms:DisableKey",
    "kms:EnableKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListGrants",
    "kms:ListKeyPolicies", "kms:ListKeyRotations", "kms:ListResourceTags", "kms:PutKeyPolicy", "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion", "kms:TagResource", "kms:UntagResource", "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]  # fmt: skip
"""What keeps a key manageable. No use of the key is among it, so that an administrator of IAM cannot read with it."""
_USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
_GRANT = ["kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey"]


@dataclass(frozen=True)
class KeysArgs:
    """`cluster_role` names the one role that decrypts Kubernetes secrets; it may be made later."""

    context: Context
    cluster_role: str


class Keys(pulumi.ComponentResource):
    """Keys for Kubernetes secrets, volumes, the model store, images and logs, and EBS encryption by default."""

    secrets_arn: pulumi.Output[str]
    volumes_arn: pulumi.Output[str]
    models_arn: pulumi.Output[str]
    images_arn: pulumi.Output[str]
    logs_arn: pulumi.Output[str]

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:encryption:Keys", name, None, opts)
        self._args, self._context = args, args.context
        self.secrets_arn = self._key("secrets", "Kubernetes secrets", self._for_cluster())
        self.volumes_arn = self._key("volumes", "EBS volumes of the nodes", self._for_volumes())
        self.models_arn = self._key("models", "Model store", [self._through("s3", _USE)])
        self.images_arn = self._key("images", "Container images", [self._through("ecr", [*_USE, *_GRANT])])
        self.logs_arn = self._key("logs", "Control-plane logs and flow logs", self._for_logs())
        aws.ebs.EncryptionByDefault(f"{name}-ebs-by-default", enabled=True, opts=pulumi.ResourceOptions(parent=self))
        self.register_outputs({})

    def _key(self, use: str, description: str, statements: Sequence[dict[str, Any]]) -> pulumi.Output[str]:
        context = self._context
        administration = {
            "Sid": "Administration",
            "Effect": "Allow",
            "Principal": {"AWS": context.account.root},
            "Action": _ADMINISTRATION,
            "Resource": "*",
        }
        key = aws.kms.Key(
            f"{use}-key",
            description=f"{description} of {context.name}",
            enable_key_rotation=True,
            rotation_period_in_days=365,
            deletion_window_in_days=30 if context.deletion_protection else 7,
            policy=policy_document(administration, *statements),
            opts=pulumi.ResourceOptions(parent=self, protect=context.deletion_protection),
        )
        aws.kms.Alias(
            f"{use}-key-alias",
            name=f"alias/{context.name}/{use}",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=key),
        )
        return key.arn

    def _through(self, service: str, actions: list[str]) -> dict[str, Any]:
        """Use by whom the account's IAM policies allow, and only through `service`."""
        account = self._context.account
        return {
            "Sid": "UseThroughService",
            "Effect": "Allow",
            "Principal": {"AWS": account.root},
            "Action": actions,
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": f"{service}.{account.region}.amazonaws.com",
                    "kms:CallerAccount": account.id,
                }
            },
        }

    def _for_cluster(self) -> list[dict[str, Any]]:
        root = {"AWS": self._context.account.root}
        return [
            {
                "Sid": "UseByCluster",
                "Effect": "Allow",
                "Principal": root,
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"],
                "Resource": "*",
                "Condition": {
                    "ArnEquals": {"aws:PrincipalArn": self._context.account.role_arn(self._args.cluster_role)}
                },
            },
            {
                "Sid": "GrantToCluster",
                "Effect": "Allow",
                "Principal": root,
                "Action": ["kms:CreateGrant"],
                "Resource": "*",
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ]

    def _for_volumes(self) -> list[dict[str, Any]]:
        """Node groups launch through the Auto Scaling service-linked role, which no IAM policy of ours can reach."""
        role = self._context.account.role_arn("aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling")
        return [
            {
                "Sid": "UseByAutoScaling",
                "Effect": "Allow",
                "Principal": {"AWS": role},
                "Action": _USE,
                "Resource": "*",
            },
            {
                "Sid": "GrantByAutoScaling",
                "Effect": "Allow",
                "Principal": {"AWS": role},
                "Action": ["kms:CreateGrant"],
                "Resource": "*",
                "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
            },
        ]

    def _for_logs(self) -> list[dict[str, Any]]:
        """CloudWatch Logs, for this stack's log groups only."""
        account, name = self._context.account, self._context.name
        groups = [account.arn("logs", f"log-group:{prefix}") for prefix in (f"/aws/eks/{name}/*", f"/{name}/*")]
        return [
            {
                "Sid": "UseByLogs",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{account.region}.amazonaws.com"},
                "Action": _USE,
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
            }
        ]
