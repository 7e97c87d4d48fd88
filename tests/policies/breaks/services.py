"""Breaks of what records, watches, alarms and copies."""

from tests.policies.breaks.broken import Break
from tests.policies.world import REMOVE, PropertyPath

DATA_EVENTS: PropertyPath = ("advancedEventSelectors", 1, "fieldSelectors")
OTHER_BUCKET = "arn:aws:s3:::modelsof"
WRITES_ONLY = {"field": "readOnly", "equals": ["false"]}
RETENTION: PropertyPath = ("rule", "defaultRetention")
OTHER_EVENTS = '{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Malware Protection Object Scan Result"]}'

BREAKS = (
    *(
        Break("cloudtrail-enabled-and-protected", "trail", (name,), value)
        for name, value in (
            ("isMultiRegionTrail", False),
            ("enableLogFileValidation", REMOVE),
            ("enableLogging", False),
            ("includeGlobalServiceEvents", False),
            ("kmsKeyId", REMOVE),
            ("cloudWatchLogsGroupArn", REMOVE),
        )
    ),
    Break("cloudtrail-enabled-and-protected", "trail", on="stack"),
    Break("s3-bucket-data-events-recorded", "trail", (*DATA_EVENTS, 2, "startsWiths", 0), OTHER_BUCKET, on="bucket"),
    Break(
        "s3-bucket-data-events-recorded", "trail", (*DATA_EVENTS, 1, "equals", 0), "AWS::Lambda::Function", on="bucket"
    ),
    Break("s3-bucket-data-events-recorded", "trail", (*DATA_EVENTS, 3), WRITES_ONLY, on="bucket"),
    Break("audit-log-bucket-locked", "archive-lock", (*RETENTION, "days"), 365, on="archive"),
    Break("audit-log-bucket-locked", "archive-lock", ("rule", "defaultRetention"), {"years": 5}, on="archive"),
    Break("audit-log-bucket-locked", "archive-lock", on="archive"),
    Break("audit-log-bucket-locked", "archive", ("objectLockEnabled",)),
    Break("s3-bucket-access-logged", "bucket-logging", on="bucket"),
    Break("config-recorder-enabled", "recorder", ("recordingGroup", "allSupported"), False),
    Break("config-recorder-enabled", "recorder", ("recordingGroup",)),
    Break("config-recorder-enabled", "recording", ("isEnabled",), False, on="recorder"),
    Break("config-recorder-enabled", "recording", on="recorder"),
    Break("config-recorder-enabled", "channel", on="recorder"),
    Break("config-recorder-enabled", "recorder", on="stack"),
    Break("config-hipaa-conformance-pack-deployed", "pack", ("templateBody",), "Resources: {}"),
    Break("config-hipaa-conformance-pack-deployed", "pack", ("templateBody",)),
    Break("config-hipaa-conformance-pack-deployed", "pack", on="stack"),
    Break("guardduty-enabled", "detector", ("enable",), False),
    Break("guardduty-enabled", "detector", on="stack", also=("s3-bucket-changes-noticed",)),
    Break("guardduty-features-enabled", "feature-malware", on="detector"),
    Break("guardduty-features-enabled", "feature-audit", ("status",), "DISABLED", on="detector"),
    Break("guardduty-findings-reach-people", "findings-mail", on="detector"),
    Break("guardduty-findings-reach-people", "threats-to-people", on="detector"),
    Break("guardduty-findings-reach-people", "threats", ("eventPattern",), '{"source": ["aws.ec2"]}', on="detector"),
    Break("guardduty-findings-reach-people", "threats", ("eventPattern",), OTHER_EVENTS, on="detector"),
    Break("guardduty-findings-reach-people", "threats", ("state",), "DISABLED", on="detector"),
    Break("guardduty-findings-reach-people", "threats", ("isEnabled",), False, on="detector"),
    Break("eks-guardduty-agent-installed", "agent", on="cluster"),
    Break("security-hub-enabled", "standard", on="hub"),
    Break("security-hub-enabled", "hub", on="stack"),
    Break("access-analyzer-enabled", "analyzer", ("type",), "ACCOUNT_UNUSED_ACCESS"),
    Break("access-analyzer-enabled", "analyzer", on="stack"),
    Break("dns-queries-logged", "dns-logs", on="vpc"),
    Break("alarm-reaches-people", "root-use-alarm", ("actionsEnabled",), False),
    Break("alarm-reaches-people", "alarms-mail", on="root-use-alarm"),
    Break("log-metric-filter-alarmed", "root-use", ("metricTransformation", "name"), "unwatched"),
    Break("log-metric-filter-alarmed", "root-use-alarm", on="root-use"),
    Break("log-metric-filter-alarmed", "root-use", ("pattern",), " "),
    Break("sns-topic-encrypted", "alarms", ("kmsMasterKeyId",)),
    Break("sns-topic-encrypted", "alarms", ("kmsMasterKeyId",), "alias/aws/sns"),
    Break("backup-plan-present", "plan", ("rules", 0, "lifecycle", "deleteAfter"), 7),
    Break("backup-plan-present", "plan", ("rules", 0, "schedule")),
    Break("backup-plan-present", "plan", on="stack"),
    Break("backup-vault-encrypted", "vault", ("kmsKeyArn",)),
    Break("backup-vault-locked", "vault-lock", on="vault"),
    Break("backup-vault-locked", "vault-lock", ("minRetentionDays",), 1, on="vault"),
    Break("ebs-snapshots-not-public", "snapshots", ("state",), "block-new-sharing"),
    Break("ebs-snapshots-not-public", "snapshots", on="stack"),
    Break("s3-account-public-access-blocked", "buckets-of-the-account", ("restrictPublicBuckets",), False),
    Break("s3-account-public-access-blocked", "buckets-of-the-account", on="stack"),
)
