"""AWS Backup: copies that nobody can delete before their time. 164.308(a)(7)(ii)(A), 164.310(d)(2)(iv)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import assumed_by_service, policy_document

DAILY_KEPT_DAYS = 35
"""A month of days to go back to; the default of AWS's rule backup-plan-min-frequency-and-min-retention-check."""
MONTHLY_KEPT_DAYS = 365
"""Damage that nobody noticed for a month, such as a model altered with care, can be undone for a year."""
COOLING_OFF_DAYS = 14
"""Days in which the lock of a protected stack can still be taken off; a first restore can be tried in them."""
TAG = ("backup", "daily")
"""What carries this tag is backed up: a claim's volume, for example."""
ROLES: Mapping[str, tuple[str, ...]] = {
    "backup": ("service-role/AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForS3Backup"),
    "restore": ("service-role/AWSBackupServiceRolePolicyForRestores", "AWSBackupServiceRolePolicyForS3Restore"),
}
"""AWS's policies of the role that copies and of the one that puts back, so that neither can do the other's work."""

_NO_DELETION: dict[str, Any] = {
    "Sid": "NoDeletion",
    "Effect": "Deny",
    "Principal": "*",
    "Action": [
        "backup:DeleteRecoveryPoint",
        "backup:UpdateRecoveryPointLifecycle",
        "backup:PutBackupVaultAccessPolicy",
    ],
    "Resource": "*",
}
"""The three actions that AWS's rule backup-recovery-point-manual-deletion-disabled wants denied."""


@dataclass(frozen=True)
class BackupsArgs:
    """`resource_arns` are backed up whatever their tags."""

    context: Context
    key_arn: pulumi.Input[str]
    resource_arns: Mapping[str, pulumi.Input[str]]


class Backups(pulumi.ComponentResource):
    """A locked, encrypted vault, a daily and a monthly plan, and what they copy.

    Destroying it: a protected stack's lock is in compliance mode, which after COOLING_OFF_DAYS nobody can lift, AWS
    included, so that the vault stays in the account with its lock. An unprotected stack's is in governance mode: the
    vault goes with its recovery points.
    """

    def __init__(self, name: str, args: BackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:Backups", name, None, opts)
        self._args, self._context = args, args.context
        self._here = pulumi.ResourceOptions(parent=self)
        self._kept = pulumi.ResourceOptions(parent=self, retain_on_delete=args.context.deletion_protection)
        vault = self._vault()
        plan = aws.backup.Plan(
            "backup-plan",
            name=self._context.name,
            rules=[
                _rule("daily", vault, "cron(0 5 * * ? *)", DAILY_KEPT_DAYS),
                _rule("monthly", vault, "cron(0 7 1 * ? *)", MONTHLY_KEPT_DAYS),
            ],
            opts=self._here,
        )
        role, rights = self._role("backup")
        self._role("restore")
        self._select(plan, role, rights)
        self.register_outputs({})

    def _vault(self) -> aws.backup.Vault:
        protected = self._context.deletion_protection
        # Without a fixed name, so that a stack made anew does not meet the vault that the old one had to leave.
        vault = aws.backup.Vault(
            f"{self._context.name}-vault",
            kms_key_arn=self._args.key_arn,
            force_destroy=not protected,
            opts=pulumi.ResourceOptions.merge(self._kept, pulumi.ResourceOptions(protect=protected)),
        )
        aws.backup.VaultLockConfiguration(
            "backup-vault-lock",
            backup_vault_name=vault.name,
            min_retention_days=DAILY_KEPT_DAYS,
            max_retention_days=MONTHLY_KEPT_DAYS,
            changeable_for_days=COOLING_OFF_DAYS if protected else None,
            opts=self._kept,
        )
        # Nobody may put another policy, so that a change of this one is its removal and a new one.
        aws.backup.VaultPolicy(
            "backup-vault-policy",
            backup_vault_name=vault.name,
            policy=policy_document(_NO_DELETION),
            opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["policy"], delete_before_replace=True),
        )
        return vault

    def _role(self, use: str) -> tuple[aws.iam.Role, list[pulumi.Resource]]:
        account = self._context.account
        role = aws.iam.Role(
            f"{use}-role",
            name=f"{self._context.name}-{use}",
            assume_role_policy=assumed_by_service(
                "backup.amazonaws.com", StringEquals={"aws:SourceAccount": account.id}
            ),
            opts=self._here,
        )
        return role, [
            aws.iam.RolePolicyAttachment(
                policy.rpartition("/")[2],
                role=role.name,
                policy_arn=account.managed_policy_arn(policy),
                opts=self._here,
            )
            for policy in ROLES[use]
        ]

    def _select(self, plan: aws.backup.Plan, role: aws.iam.Role, rights: list[pulumi.Resource]) -> None:
        ready = pulumi.ResourceOptions(parent=self, depends_on=rights)
        key, value = TAG
        tag = aws.backup.SelectionSelectionTagArgs(type="STRINGEQUALS", key=key, value=value)
        aws.backup.Selection(
            "backup-by-tag",
            name=f"{self._context.name}-by-tag",
            plan_id=plan.id,
            iam_role_arn=role.arn,
            selection_tags=[tag],
            opts=ready,
        )
        # Named resources are backed up even where the account has not opted in to backups of their type.
        for use, arn in self._args.resource_arns.items():
            aws.backup.Selection(
                f"backup-{use}",
                name=f"{self._context.name}-{use}",
                plan_id=plan.id,
                iam_role_arn=role.arn,
                resources=[arn],
                opts=ready,
            )


def _rule(name: str, vault: aws.backup.Vault, schedule: str, kept_days: int) -> aws.backup.PlanRuleArgs:
    """Starts at an hour UTC at which hospitals in the Americas are quiet, and may take its time."""
    return aws.backup.PlanRuleArgs(
        rule_name=name,
        target_vault_name=vault.name,
        schedule=schedule,
        start_window=60,
        completion_window=720,
        lifecycle=aws.backup.PlanRuleLifecycleArgs(delete_after=kept_days),
    )
