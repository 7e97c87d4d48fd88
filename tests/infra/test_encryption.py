"""Every key has one use, and everything that takes a key has one."""

import json

import pytest

from tests.infra.conftest import ACCOUNT, Program

USES = {"secrets", "volumes", "models", "images", "logs", "archive", "topics", "backups"}


def statements(program: Program, use: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(program.only("Key", f"{use}-key")["policy"])["Statement"]
    return found


def test_keys_rotate_and_have_aliases(program: Program) -> None:
    """Each key rotates every year and is found under an alias."""
    assert {key.name for key in program.of("Key")} == {f"{use}-key" for use in USES}
    assert all(key.inputs["enableKeyRotation"] for key in program.of("Key"))
    assert {alias.inputs["name"].rpartition("/")[2] for alias in program.of("Alias")} == USES


@pytest.mark.parametrize("use", sorted(USES))
def test_key_policy_is_narrow(program: Program, use: str) -> None:
    """No statement allows everything or everybody, and administration includes no use of the key."""
    for statement in statements(program, use):
        actions = statement["Action"]
        actions = [actions] if isinstance(actions, str) else actions
        assert isinstance(actions, list)
        assert "kms:*" not in actions
        assert statement["Principal"] not in ("*", {"AWS": "*"})
        if statement["Sid"] == "Administration":
            assert {"kms:Decrypt", "kms:Encrypt", "kms:CreateGrant", "kms:GenerateDataKey*"}.isdisjoint(actions)
        elif statement["Sid"] != "UseByAutoScaling":
            assert statement["Condition"]


def test_secrets_key_serves_the_cluster_role_only(prod: Program) -> None:
    """Only the cluster's role decrypts Kubernetes secrets."""
    use = next(each for each in statements(prod, "secrets") if each["Sid"] == "UseByCluster")
    role = f"arn:aws:iam::{ACCOUNT}:role/inference-prod-cluster"
    assert use["Condition"] == {"ArnEquals": {"aws:PrincipalArn": role}}
    assert prod.only("Role", "cluster-role")["name"] == "inference-prod-cluster"


def test_logs_key_serves_this_stacks_groups_only(prod: Program) -> None:
    """CloudWatch Logs may use the key for the log groups that the stack has, and no others."""
    use = next(each for each in statements(prod, "logs") if each["Sid"] == "UseByLogs")
    condition = use["Condition"]
    assert isinstance(condition, dict)
    patterns = condition["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert all("inference-prod" in pattern for pattern in patterns)
    for group in prod.of("LogGroup"):
        arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group.inputs['name']}"
        assert any(arn.startswith(pattern.removesuffix("*")) for pattern in patterns)


@pytest.mark.parametrize("use", ["archive", "topics"])
def test_services_use_a_key_for_this_account_only(prod: Program, use: str) -> None:
    """A service that somebody else's account told to use our key is refused: a condition names this account."""
    for statement in statements(prod, use):
        principal = statement["Principal"]
        assert isinstance(principal, dict)
        if "Service" in principal:
            assert ACCOUNT in json.dumps(statement["Condition"])


def test_cloudtrail_may_describe_the_key_it_encrypts_with(prod: Program) -> None:
    """Describing a key has no encryption context: a condition on one would refuse it, and with it the trail."""
    allowed = {
        action: statement["Condition"]
        for statement in statements(prod, "archive")
        if statement["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
        for action in ([statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"])  # type: ignore[attr-defined]
    }
    assert set(allowed) == {"kms:GenerateDataKey*", "kms:DescribeKey", "kms:Decrypt"}
    assert "EncryptionContext" not in json.dumps(allowed["kms:DescribeKey"])


def test_account_guards_outlive_the_stack(program: Program) -> None:
    """No snapshot and no bucket of the account can be made public."""
    assert program.only("SnapshotBlockPublicAccess")["state"] == "block-all-sharing"
    assert set(program.only("AccountPublicAccessBlock").values()) == {True}


def test_volumes_are_encrypted_by_default(program: Program) -> None:
    """A volume that somebody else makes in the region is encrypted too."""
    assert program.only("EncryptionByDefault")["enabled"] is True


def test_production_keys_are_protected(prod: Program) -> None:
    """Keys of a protected stack wait thirty days before they are deleted."""
    assert {key.inputs["deletionWindowInDays"] for key in prod.of("Key")} == {30}
