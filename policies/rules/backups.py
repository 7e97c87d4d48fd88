"""Copies that outlive a mistake, and that nobody can destroy before their time."""

from policies.rules.backup_selection import SELECTION, backed_up, daily
from policies.rules.documents import statements
from policies.rules.instances import INSTANCE
from policies.rules.keys import own_key
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule, resource_rule
from policies.rules.services import service_rule
from policies.rules.volumes import VOLUME

PLAN, VAULT = "aws:backup/plan:Plan", "aws:backup/vault:Vault"
DESTRUCTIVE = ("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle", "backup:PutBackupVaultAccessPolicy")
"""What removes a copy, shortens its time, or takes the protection from this away."""
MINIMUM_DAYS = 35
"""Shortest retention of AWS Config's rule on backup plans, unless it is told another."""


@service_rule(
    "backup-plan-present",
    PLAN,
    service="backup",
    severity=Severity.HIGH,
    evidence=links(direct="308(a)(7)(ii)(A)", supporting="308(a)(7)(ii)(B) 310(d)(2)(iv)"),
    remediation=f"give each rule of the Plan a schedule, one of them a daily one, and lifecycle.deleteAfter of "
    f"{MINIMUM_DAYS} days or more, and add a Selection.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/backup-plan-min-frequency-and-min-retention-check.html",
)
def backup_plan_present(plan: Resource, stack: Stack) -> Findings:
    """What the stack keeps is copied every day, and the copies are kept for more than a month."""
    if not plan.items("rules"):
        yield "rules is empty"
    for rule in plan.items("rules"):
        days = (rule.get("lifecycle") or {}).get("deleteAfter")
        if not rule.get("schedule"):
            yield f"rule {rule.get('ruleName')} has no schedule"
        if days is not None and days < MINIMUM_DAYS:
            yield f"rule {rule.get('ruleName')} keeps copies for {days:.0f} days, expected {MINIMUM_DAYS} or more"
    schedules = [rule["schedule"] for rule in plan.items("rules") if rule.get("schedule")]
    if schedules and not any(map(daily, schedules)):
        yield f"no rule copies every day, only {', '.join(schedules)}"
    selections = stack.attached(plan, SELECTION, by="planId")
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
    if not own_key(vault.props.get("kmsKeyArn")):
        yield f"kmsKeyArn is {vault.props.get('kmsKeyArn') or 'unset'}, expected a customer-managed key"


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


@relation_rule(
    "backup-deletion-denied",
    VAULT,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(7)(ii)(A) 312(c)(1)"),
    remediation=f"add a VaultPolicy that denies {', '.join(DESTRUCTIVE)} to everybody.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/backup-recovery-point-manual-deletion-disabled.html",
)
def backup_deletion_denied(vault: Resource, stack: Stack) -> Findings:
    """Nobody deletes copies by hand, whatever rights they have elsewhere."""
    found = stack.attached(vault, "aws:backup/vaultPolicy:VaultPolicy", by="backupVaultName", identity=("name", "id"))
    denials = [item for policy in found for item in statements(policy.props["policy"]) if item.denies_everybody]
    open_to_somebody = [action for action in DESTRUCTIVE if not any(item.names_action(action) for item in denials)]
    if open_to_somebody:
        yield f"no VaultPolicy denies {', '.join(open_to_somebody)} to everybody"


@relation_rule(
    "ec2-storage-backed-up",
    VOLUME,
    INSTANCE,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(7)(ii)(A) 310(d)(2)(iv)"),
    remediation="name the resource, or a tag that it has, in a backup Selection; of an instance that keeps nothing, say "
    "that its one disk is deleted with it (rootBlockDevice.deleteOnTermination true).",
    link="https://docs.aws.amazon.com/config/latest/developerguide/ebs-in-backup-plan.html",
    optional=True,
)
def ec2_storage_backed_up(storage: Resource, stack: Stack) -> Findings:
    """Volumes, and instances that keep data on theirs, are copied by AWS Backup."""
    if storage.type == INSTANCE and _keeps_nothing(storage):
        raise NotApplicable("by its own declaration its one disk is deleted with it, so that it keeps nothing")
    if not backed_up(storage, stack):
        yield "no backup Selection takes it"


def _keeps_nothing(instance: Resource) -> bool:
    return instance.block("rootBlockDevice").get("deleteOnTermination") is True and not instance.items(
        "ebsBlockDevices"
    )
