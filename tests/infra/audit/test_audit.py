"""The audit as a whole: everything is there, in order, and what is inherited is not."""

import pytest

from infra.audit.audit import Audit, AuditArgs
from infra.audit.log_archive import LogArchive, LogArchiveArgs
from tests.infra.components import Component, context, run_component

SERVICES = {
    "cloudtrail": "cloudtrail/trail:Trail",
    "config": "cfg/recorder:Recorder",
    "guardduty": "guardduty/detector:Detector",
    "securityhub": "securityhub/account:Account",
    "access-analyzer": "accessanalyzer/analyzer:Analyzer",
    "backup": "backup/vault:Vault",
}


def made(*inherited: str) -> Component:
    """Archive and audit, as the program makes them."""

    def build() -> dict[str, object]:
        of = context(deletion_protection=True)
        audit = Audit(
            "audit",
            AuditArgs(
                of,
                archive=LogArchive("log-archive", LogArchiveArgs(of, "archive-key", frozenset(inherited))),
                archive_key_arn="archive-key",
                logs_key_arn="logs-key",
                topics_key_arn="topics-key",
                backups_key_arn="backups-key",
                model_bucket_arn="arn:aws:s3:::inference-test-models-abc",
                cluster_log_group="/aws/eks/inference-test/cluster",
                security_contact="security@example.org",
            ),
        )
        return {"topic_arn": audit.topic_arn}

    return run_component(build)


@pytest.fixture(scope="module")
def audit() -> Component:
    """The audit of a stack that inherits nothing."""
    return made()


def running(found: Component) -> set[str]:
    """The services that are made."""
    kinds = {each.type for each in found.resources}
    return {name for name, kind in SERVICES.items() if f"aws:{kind}" in kinds}


def test_nothing_is_left_out_unless_inherited(audit: Component) -> None:
    """Every service runs by default."""
    assert running(audit) == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_inherited_service_is_left_out_alone(service: str) -> None:
    """What the organisation has is not made a second time; everything else is."""
    assert running(made(service)) == set(SERVICES) - {service}


def test_parts_write_where_the_archive_lets_them(audit: Component) -> None:
    """Trail and recorder get their own buckets and the archive's key."""
    trail = audit.only("cloudtrail/trail:Trail")
    assert (trail["s3BucketName"], trail["kmsKeyId"]) == ("inference-test-trail-abc", "archive-key")
    channel = audit.only("DeliveryChannel")
    assert (channel["s3BucketName"], channel["s3KmsKeyArn"]) == ("inference-test-configuration-abc", "archive-key")


def test_trail_waits_for_the_policy_that_admits_it(audit: Component) -> None:
    """CloudTrail and AWS Config refuse a bucket that they may not write to."""
    assert "trail-policy" in audit.waits_for("cloudtrail")
    assert "configuration-policy" in audit.waits_for("delivery-channel")


def test_trail_watches_the_models_and_every_bucket_of_the_archive(audit: Component) -> None:
    """Who reads a record of any kind is on record."""
    _, models, archive = audit.only("cloudtrail/trail:Trail")["advancedEventSelectors"]
    assert models["fieldSelectors"][2]["startsWiths"][0] == "arn:aws:s3:::inference-test-models-abc/"
    assert models["fieldSelectors"][2]["startsWiths"][1].endswith("-gateway-audit/")
    assert len(archive["fieldSelectors"][2]["startsWiths"]) == 3


def test_security_hub_waits_for_what_it_judges(audit: Component) -> None:
    """Its controls are rules of AWS Config, which must be recording before detection as a whole is made."""
    assert "recording" in audit.waits_for("detection")


def test_alarms_and_findings_reach_the_encrypted_topic(audit: Component) -> None:
    """One topic, with the topics' key."""
    topic = audit.exports["topic_arn"]
    assert audit.only("Topic")["kmsMasterKeyId"] == "topics-key"
    assert {alarm for each in audit.of("MetricAlarm") for alarm in each.inputs["alarmActions"]} == {topic}
    assert {each.inputs["arn"] for each in audit.of("EventTarget")} == {topic}


def test_records_of_trail_and_cluster_are_watched(audit: Component) -> None:
    """Both log groups have filters."""
    groups = {each.inputs["logGroupName"] for each in audit.of("LogMetricFilter")}
    assert groups == {"/inference-test/cloudtrail", "/aws/eks/inference-test/cluster"}


def test_clusters_signals_stay_when_the_trail_is_inherited() -> None:
    """Kubernetes' own records are the stack's business whoever runs the trail."""
    groups = {each.inputs["logGroupName"] for each in made("cloudtrail").of("LogMetricFilter")}
    assert groups == {"/aws/eks/inference-test/cluster"}


def test_models_are_backed_up(audit: Component) -> None:
    """The model bucket is in the plan, with the backups' key."""
    assert audit.only("Vault")["kmsKeyArn"] == "backups-key"
    assert audit.only("Selection", "backup-models")["resources"] == ["arn:aws:s3:::inference-test-models-abc"]


def test_every_name_begins_with_the_stacks(audit: Component) -> None:
    """What has a name in AWS can be told to be this stack's."""
    for each in audit.resources:
        name = each.inputs.get("name")
        if name and each.type not in ("aws:guardduty/detectorFeature:DetectorFeature",):
            assert name.removeprefix("/").startswith("inference-test"), each
