"""The trail records the account's calls everywhere, and who touched a model or a record."""

import json

import pytest

from infra.audit.trail import Trail, TrailArgs
from tests.infra.components import Component, context, run_component
from tests.infra.conftest import ACCOUNT

ARCHIVE = ("arn:aws:s3:::archive-a", "arn:aws:s3:::archive-b")


def made(*, deletion_protection: bool = False) -> Component:
    """The trail by itself."""

    def build() -> dict[str, object]:
        trail = Trail(
            "trail",
            TrailArgs(
                context(deletion_protection=deletion_protection),
                bucket="archive-a",
                key_arn="archive-key",
                logs_key_arn="logs-key",
                model_bucket_arn="arn:aws:s3:::models",
                gateway_records_arn="arn:aws:s3:::records",
                archive_arns=ARCHIVE,
            ),
        )
        return {"log_group": trail.log_group}

    return run_component(build)


@pytest.fixture(scope="module")
def trail() -> Component:
    """The trail of an unprotected stack."""
    return made()


def test_calls_are_recorded_everywhere(trail: Component) -> None:
    """All regions and the global services are recorded, under the name that the bucket's policy admits."""
    found = trail.only("cloudtrail/trail:Trail")
    assert found["name"] == "inference-test"
    assert found["s3BucketName"] == "archive-a"
    assert found["isMultiRegionTrail"] is True
    assert found["includeGlobalServiceEvents"] is True
    assert found.get("enableLogging", True) is True


def test_records_are_encrypted_and_can_be_validated(trail: Component) -> None:
    """Files have the archive's key, and signed digests that show a file altered or missing."""
    found = trail.only("cloudtrail/trail:Trail")
    assert found["kmsKeyId"] == "archive-key"
    assert found["enableLogFileValidation"] is True


def test_management_and_model_events_are_recorded_whole(trail: Component) -> None:
    """Calls that manage, and reads and writes of the model bucket's objects, are selected without exception."""
    management, models, _ = trail.only("cloudtrail/trail:Trail")["advancedEventSelectors"]
    assert management["fieldSelectors"] == [{"field": "eventCategory", "equals": ["Management"]}]
    assert models["fieldSelectors"] == [
        {"field": "eventCategory", "equals": ["Data"]},
        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
        {"field": "resources.ARN", "startsWiths": ["arn:aws:s3:::models/", "arn:aws:s3:::records/"]},
    ]


def test_reads_and_deletions_of_records_are_recorded(trail: Component) -> None:
    """Everything that happens to records but their delivery, which would record itself for ever."""
    *_, archive = trail.only("cloudtrail/trail:Trail")["advancedEventSelectors"]
    assert archive["fieldSelectors"][2:] == [
        {"field": "resources.ARN", "startsWiths": [f"{arn}/" for arn in ARCHIVE]},
        {"field": "eventName", "notEquals": ["PutObject"]},
    ]


def test_records_reach_an_encrypted_log_group_for_alarms(trail: Component) -> None:
    """The group is the stack's, with the logs' key and six years, and its name is what alarms are given."""
    group = trail.only("LogGroup")
    assert group["name"] == trail.exports["log_group"] == "/inference-test/cloudtrail"
    assert group["kmsKeyId"] == "logs-key"
    assert group["retentionInDays"] == 2192
    assert trail.only("cloudtrail/trail:Trail")["cloudWatchLogsGroupArn"].endswith("cloudtrail-logs:*")


def test_role_writes_cloudtrails_streams_only(trail: Component) -> None:
    """CloudTrail alone assumes it, and may put events into its own streams of this account in one group."""
    (trust,) = json.loads(trail.only("Role")["assumeRolePolicy"])["Statement"]
    assert trust["Principal"] == {"Service": "cloudtrail.amazonaws.com"}
    (right,) = json.loads(trail.only("Policy")["policy"])["Statement"]
    assert right["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    assert right["Resource"].endswith(f"cloudtrail-logs:log-stream:{ACCOUNT}_CloudTrail_*")
    assert "cloudtrail-writes" in trail.waits_for("cloudtrail")


@pytest.mark.parametrize("protection", [True, False])
def test_recording_of_a_protected_stack_is_not_deleted(protection: bool) -> None:
    """With deletion protection the engine refuses to delete the trail."""
    assert made(deletion_protection=protection).protected == ({"cloudtrail"} if protection else set())
