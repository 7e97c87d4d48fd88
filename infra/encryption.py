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
    """One key for each kind of data, so that each key's policy names only the services that handle that kind."""

    secrets_arn: pulumi.Output[str]
    volumes_arn: pulumi.Output[str]
    models_arn: pulumi.Output[str]
    images_arn: pulumi.Output[str]
    logs_arn: pulumi.Output[str]
    archive_arn: pulumi.Output[str]
    topics_arn: pulumi.Output[str]
    backups_arn: pulumi.Output[str]

    def __init__(self, name: str, args: KeysArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:encryption:Keys", name, None, opts)
        self._args, self._context = args, args.context
        self.secrets_arn = self._key("secrets", "Kubernetes secrets", self._for_cluster())
        self.volumes_arn = self._key("volumes", "EBS volumes of the nodes", self._for_volumes())
        self.models_arn = self._key("models", "Model store", [self._through("s3", _USE)])
        self.images_arn = self._key("images", "Container images", [self._through("ecr", [*_USE, *_GRANT])])
        self.logs_arn = self._key("logs", "Log groups", self._for_logs())
        # What these two encrypt outlives a protected stack, and would be unreadable without them.
        self.archive_arn = self._key(
            "archive", "Audit records of CloudTrail and AWS Config", self._for_archive(), outlives=True
        )
        self.topics_arn = self._key("topics", "Alarms on their way to people", self._for_topics())
        self.backups_arn = self._key(
            "backups", "Recovery points", [self._through("backup", [*_USE, *_GRANT])], outlives=True
        )
        self.register_outputs({})

    def _key(
        self, use: str, description: str, statements: Sequence[dict[str, Any]], *, outlives: bool = False
    ) -> pulumi.Output[str]:
        """A key and its alias; with `outlives`, destroying a protected stack leaves both in the account."""
        context = self._context
        kept = outlives and context.deletion_protection
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
            opts=pulumi.ResourceOptions(parent=self, protect=context.deletion_protection, retain_on_delete=kept),
        )
        aws.kms.Alias(
            f"{use}-key-alias",
            name=f"alias/{context.name}/{use}",
            target_key_id=key.key_id,
            opts=pulumi.ResourceOptions(parent=key, retain_on_delete=kept),
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
        """Node groups launch through the Auto Scaling service-linked role, which no IAM policy of ours can reach.

        The EBS CSI driver and AWS Backup come through EC2 with roles of ours, whose policies name this key.
        """
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
            self._through("ec2", [*_USE, *_GRANT]),
            *self._for_malware_scans(),
        ]

    def _for_malware_scans(self) -> list[dict[str, Any]]:
        """GuardDuty scans copies of a node's volumes, made with its service-linked role, when it finds something odd.

        https://docs.aws.amazon.com/guardduty/latest/ug/slr-permissions-malware-protection.html
        """
        account = self._context.account
        role = account.role_arn(
            "aws-service-role/malware-protection.guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDutyMalwareProtection"
        )
        scanner = {
            "Effect": "Allow",
            "Principal": {"AWS": account.root},  # naming a role that does not exist yet would refuse the whole policy
            "Resource": "*",
        }
        return [
            scanner
            | {
                "Sid": "CopyByMalwareProtection",
                "Action": ["kms:DescribeKey", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKeyWithoutPlaintext"],
                "Condition": {"ArnEquals": {"aws:PrincipalArn": role}},
            },
            scanner
            | {
                "Sid": "GrantByMalwareProtection",
                "Action": "kms:CreateGrant",
                "Condition": {
                    "ArnEquals": {"aws:PrincipalArn": role},
                    "Bool": {"kms:GrantIsForAWSResource": "true"},
                },
            },
        ]

    def _for_logs(self) -> list[dict[str, Any]]:
        """CloudWatch Logs, by itself and for readers whom IAM allows it, for this stack's log groups only."""
        account, name = self._context.account, self._context.name
        prefixes = (f"/aws/eks/{name}/*", f"/aws/containerinsights/{name}/*", f"/{name}/*", f"aws-waf-logs-{name}*")
        groups = [account.arn("logs", f"log-group:{prefix}") for prefix in prefixes]
        reading = self._through("logs", ["kms:Decrypt"])
        reading["Condition"]["ArnLike"] = {"kms:EncryptionContext:aws:logs:arn": groups}
        return [
            reading,
            {
                "Sid": "UseByLogs",
                "Effect": "Allow",
                "Principal": {"Service": f"logs.{account.region}.amazonaws.com"},
                "Action": _USE,
                "Resource": "*",
                "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": groups}},
            },
        ]

    def _for_archive(self) -> list[dict[str, Any]]:
        """Written by the two recording services for this account; read through S3 by whom IAM allows."""
        account = self._context.account
        trail = account.arn("cloudtrail", f"trail/{self._context.name}*")
        trails = pulumi.Output.concat(
            "arn:", account.partition, ":cloudtrail:*:", account.id, f":trail/{self._context.name}*"
        )
        cloudtrail = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Resource": "*"}
        return [
            cloudtrail
            | {
                "Sid": "EncryptByCloudTrail",
                "Action": "kms:GenerateDataKey*",
                "Condition": {
                    "ArnLike": {"aws:SourceArn": trail},
                    "StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails},
                },
            },
            cloudtrail
            | {
                # Describing has no encryption context, and CloudTrail decrypts where a bucket key stands between.
                "Sid": "DescribeByCloudTrail",
                "Action": ["kms:DescribeKey", "kms:Decrypt"],
                "Condition": {"ArnLike": {"aws:SourceArn": trail}},
            },
            self._by_service("config.amazonaws.com", ["kms:GenerateDataKey", "kms:Decrypt"]),
            self._through("s3", _USE),
        ]

    def _for_topics(self) -> list[dict[str, Any]]:
        """The services that publish alarms: SNS decrypts for nobody else.

        EventBridge says for whom it publishes in no condition that SNS passes on, so that the topic itself is the limit:
        https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        """
        account = self._context.account
        actions = ["kms:GenerateDataKey*", "kms:Decrypt"]
        return [
            self._by_service("cloudwatch.amazonaws.com", actions),
            {
                "Sid": "UseByEvents",
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": actions,
                "Resource": "*",
                "Condition": {
                    "ArnLike": {"kms:EncryptionContext:aws:sns:topicArn": account.arn("sns", f"{self._context.name}-*")}
                },
            },
        ]

    def _by_service(self, principal: str, actions: list[str]) -> dict[str, Any]:
        """Use by an AWS service on behalf of this account, and of no other that could name our key to it."""
        return {
            "Sid": f"UseBy{principal.partition('.')[0].capitalize()}",
            "Effect": "Allow",
            "Principal": {"Service": principal},
            "Action": actions,
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": self._context.account.id}},
        }
