"""The policy for auditors: the records of control plane and gateway, and nothing else."""

import json
from typing import Any

import pulumi
import pytest

from infra.audit.auditor_policy import AuditorPolicy, AuditorPolicyArgs
from tests.infra.components import NAME, Component, context, run_component
from tests.infra.conftest import Program

GROUP = f"/aws/eks/{NAME}/cluster"
GROUP_ARN = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}"
KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/logs"
BUCKET_ARN = "arn:aws:s3:::inference-test-gateway-audit"
ARCHIVE_KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/archive"


@pytest.fixture(scope="module")
def made() -> Component:
    """The component by itself."""

    def build() -> dict[str, pulumi.Input[Any]]:
        args = AuditorPolicyArgs(context(), GROUP, KEY_ARN, bucket_arn=BUCKET_ARN, archive_key_arn=ARCHIVE_KEY_ARN)
        return {"arn": AuditorPolicy("auditor-policy", args).arn}

    return run_component(build)


def statements(made: Component) -> dict[str, dict[str, Any]]:
    """Statements by their ids."""
    document = json.loads(made.only("Policy")["policy"])
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_it_reads_one_log_group(made: Component) -> None:
    """Events of the control plane's group; nothing that writes, deletes or exports, and nothing of another group."""
    reading = statements(made)["ReadControlPlaneLogs"]
    assert reading["Resource"] == [GROUP_ARN, f"{GROUP_ARN}:*"]
    allowed = [action for each in statements(made).values() for action in _listed(each["Action"])]
    assert set(allowed) == {
        "logs:DescribeLogStreams",
        "logs:FilterLogEvents",
        "logs:GetLogEvents",
        "kms:Decrypt",
        "s3:ListBucket",
        "s3:GetObject",
        "s3:GetObjectVersion",
    }


def test_it_reads_the_gateways_records(made: Component) -> None:
    """Those of one bucket, through S3; it changes and deletes none."""
    found = statements(made)
    assert found["ListRecords"]["Resource"] == BUCKET_ARN
    assert found["ReadRecords"]["Resource"] == f"{BUCKET_ARN}/*"
    assert found["DecryptThroughS3"]["Resource"] == ARCHIVE_KEY_ARN
    assert found["DecryptThroughS3"]["Condition"] == {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def test_it_decrypts_that_group_through_the_logs_service_only(made: Component) -> None:
    """The key opens neither other groups nor anything outside of CloudWatch Logs."""
    use = statements(made)["DecryptThroughLogs"]
    assert use["Resource"] == KEY_ARN
    assert use["Condition"] == {
        "StringEquals": {
            "kms:ViaService": "logs.us-east-1.amazonaws.com",
            "kms:EncryptionContext:aws:logs:arn": GROUP_ARN,
        }
    }


def test_it_is_found_by_name_and_in_the_outputs(made: Component, prod: Program) -> None:
    """Attached to nobody here: the organisation's roles are its own."""
    assert made.only("Policy")["name"] == f"{NAME}-auditor"
    assert made.exports["arn"].endswith(":auditor-policy")
    assert not made.of("RolePolicyAttachment")
    assert prod.exports["auditor_policy_arn"].endswith(":auditor-policy")


def test_the_logs_key_lets_readers_in_through_the_service(prod: Program) -> None:
    """By way of CloudWatch Logs and for the stack's groups; IAM says who."""
    policy = json.loads(prod.only("Key", "logs-key")["policy"])
    (use,) = [each for each in policy["Statement"] if each["Sid"] == "UseThroughService"]
    assert use["Action"] == ["kms:Decrypt"]
    assert use["Condition"]["StringEquals"]["kms:ViaService"] == "logs.us-east-1.amazonaws.com"
    groups = use["Condition"]["ArnLike"]["kms:EncryptionContext:aws:logs:arn"]
    assert all("inference-prod" in group for group in groups)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
