"""Backups are made daily, kept as planned, and deleted by nobody before."""

import json
from typing import Any

import pytest

from infra.audit.backups import Backups, BackupsArgs
from tests.infra.components import Component, context, run_component
from tests.infra.conftest import ACCOUNT

MODELS = "arn:aws:s3:::inference-test-models"


def made(*, deletion_protection: bool) -> Component:
    """The backups by themselves."""

    def build() -> None:
        of = context(deletion_protection=deletion_protection)
        Backups("backups", BackupsArgs(of, "backups-key", {"models": MODELS}))

    return run_component(build)


@pytest.fixture(scope="module")
def protected() -> Component:
    """The backups of a protected stack."""
    return made(deletion_protection=True)


@pytest.fixture(scope="module")
def unprotected() -> Component:
    """The backups of an unprotected stack."""
    return made(deletion_protection=False)


@pytest.fixture(scope="module", params=["protected", "unprotected"])
def backups(request: pytest.FixtureRequest) -> Component:
    """The backups of either."""
    found: Component = request.getfixturevalue(request.param)
    return found


def rules(backups: Component) -> dict[str, dict[str, Any]]:
    """The plan's rules by name."""
    return {rule["ruleName"]: rule for rule in backups.only("Plan")["rules"]}


def test_vault_is_encrypted_with_the_backups_key(backups: Component) -> None:
    """Recovery points have a key of their own, apart from what they are copies of."""
    assert backups.only("Vault")["kmsKeyArn"] == "backups-key"
    assert [each.name for each in backups.of("Vault")] == ["inference-test-vault"]


def test_nobody_deletes_a_recovery_point(backups: Component) -> None:
    """The vault's policy denies deleting, shortening, and lifting that denial by another policy."""
    (denied,) = json.loads(backups.only("VaultPolicy")["policy"])["Statement"]
    assert (denied["Effect"], denied["Principal"], denied["Resource"]) == ("Deny", "*", "*")
    assert set(denied["Action"]) == {
        "backup:DeleteRecoveryPoint",
        "backup:UpdateRecoveryPointLifecycle",
        "backup:PutBackupVaultAccessPolicy",
    }


def test_lock_of_a_protected_vault_is_final_after_two_weeks(protected: Component) -> None:
    """A cooling-off period makes the lock one of compliance mode."""
    assert protected.only("VaultLockConfiguration")["changeableForDays"] == 14


def test_lock_of_an_unprotected_vault_can_be_lifted(unprotected: Component) -> None:
    """Without a cooling-off period the lock is one of governance mode."""
    assert "changeableForDays" not in unprotected.only("VaultLockConfiguration")


def test_lock_admits_what_the_plan_asks(backups: Component) -> None:
    """A backup whose retention lies outside of the lock's would fail."""
    lock = backups.only("VaultLockConfiguration")
    for rule in rules(backups).values():
        assert lock["minRetentionDays"] <= rule["lifecycle"]["deleteAfter"] <= lock["maxRetentionDays"]


def test_backups_are_daily_for_a_month_and_monthly_for_a_year(backups: Component) -> None:
    """Every day's is kept 35 days, the one of each month's first day a year, all in the vault."""
    found = rules(backups)
    assert {name: rule["lifecycle"]["deleteAfter"] for name, rule in found.items()} == {"daily": 35, "monthly": 365}
    assert found["daily"]["schedule"] == "cron(0 5 * * ? *)"
    assert found["monthly"]["schedule"] == "cron(0 7 1 * ? *)"


def test_tagged_resources_and_the_models_are_backed_up(backups: Component) -> None:
    """A tag is enough; the model bucket needs none."""
    tagged = backups.only("Selection", "backup-by-tag")
    assert tagged["selectionTags"] == [{"type": "STRINGEQUALS", "key": "backup", "value": "daily"}]
    assert backups.only("Selection", "backup-models")["resources"] == [MODELS]


def test_backing_up_and_restoring_are_two_roles(backups: Component) -> None:
    """Each is assumed by AWS Backup for this account alone and has the policies of its own work."""
    for use in ("backup", "restore"):
        role = backups.only("Role", f"{use}-role")
        assert role["name"] == f"inference-test-{use}"
        (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
        assert trust["Principal"] == {"Service": "backup.amazonaws.com"}
        assert trust["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    attached = {
        each.inputs["policyArn"].rpartition("/")[2]: each.inputs["role"] for each in backups.of("RolePolicyAttachment")
    }
    assert attached == {
        "AWSBackupServiceRolePolicyForBackup": "inference-test-backup",
        "AWSBackupServiceRolePolicyForS3Backup": "inference-test-backup",
        "AWSBackupServiceRolePolicyForRestores": "inference-test-restore",
        "AWSBackupServiceRolePolicyForS3Restore": "inference-test-restore",
    }


def test_selection_waits_for_the_rights_of_its_role(backups: Component) -> None:
    """A backup that starts at once has what it needs."""
    rights = {"AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForS3Backup"}
    assert rights <= backups.waits_for("backup-models")


def test_vault_of_a_protected_stack_stays(protected: Component) -> None:
    """The engine refuses to delete it, and leaves it with its lock where it must forget it."""
    assert protected.protected == {"inference-test-vault"}
    assert protected.retained == {"inference-test-vault", "backup-vault-lock"}
    assert protected.only("Vault")["forceDestroy"] is False


def test_vault_of_an_unprotected_stack_goes(unprotected: Component) -> None:
    """Destroying the stack deletes the recovery points too."""
    assert not unprotected.protected
    assert not unprotected.retained
    assert unprotected.only("Vault")["forceDestroy"] is True
