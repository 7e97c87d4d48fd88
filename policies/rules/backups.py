"""Copies that outlive a mistake, and that nobody can destroy before their time."""

from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule
from policies.rules.services import service_rule

PLAN, VAULT = "aws:backup/plan:Plan", "aws:backup/vault:Vault"
MINIMUM_DAYS = 35
"""Shortest retention of AWS Config's rule on backup plans, unless it is told another."""


@service_rule(
    "backup-plan-present",
    PLAN,
    service="backup",
    severity=Severity.HIGH,
    evidence=links(direct="308(a)(7)(ii)(A)", supporting="308(a)(7)(ii)(B) 310(d)(2)(iv)"),
    remediation=f"give each rule of the Plan a schedule and lifecycle.deleteAfter of {MINIMUM_DAYS} days or more, and "
    "add a Selection.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/backup-plan-min-frequency-and-min-retention-check.html",
)
def backup_plan_present(plan: Resource, stack: Stack) -> Findings:
    """What the stack keeps is copied on a schedule, and the copies are kept for more than a month."""
    for rule in plan.items("rules"):
        days = (rule.get("lifecycle") or {}).get("deleteAfter")
        if not rule.get("schedule"):
            yield f"rule {rule.get('ruleName')} has no schedule"
        if days is not None and days < MINIMUM_DAYS:
            yield f"rule {rule.get('ruleName')} keeps copies for {days:.0f} days, expected {MINIMUM_DAYS} or more"
    selections = stack.attached(plan, "aws:backup/selection:Selection", by="planId")
    if not any(item.items("resources") or item.items("selectionTags") for item in selections):
        yield "no Selection says what the plan copies"


@resource_rule(
    "backup-vault-encrypted",
    VAULT,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation="set kmsKeyArn to a customer-managed key.",
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html",
)
def backup_vault_encrypted(vault: Resource) -> Findings:
    """Copies are encrypted with a customer-managed KMS key."""
    if not vault.props.get("kmsKeyArn"):
        yield "kmsKeyArn is unset, expected a customer-managed key"


@relation_rule(
    "backup-vault-locked",
    VAULT,
    severity=Severity.HIGH,
    evidence=links(supporting="308(a)(7)(ii)(A) 312(c)(1)"),
    remediation=f"add a VaultLockConfiguration with minRetentionDays of {MINIMUM_DAYS} or more.",
    link="https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html",
)
def backup_vault_locked(vault: Resource, stack: Stack) -> Findings:
    """Copies cannot be deleted before their time."""
    kind = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
    locks = stack.attached(vault, kind, by="backupVaultName", identity=("name", "id"))
    if not locks:
        yield "no VaultLockConfiguration names the vault"
    for lock in locks:
        days = lock.props.get("minRetentionDays") or 0
        if days < MINIMUM_DAYS:
            yield f"{lock.name}.minRetentionDays is {days:.0f}, expected {MINIMUM_DAYS} or more"
