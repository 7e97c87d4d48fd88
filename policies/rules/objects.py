"""Objects in buckets: who they belong to, how long they stay, and what is left when they are lost or changed."""

from policies.rules.audit_trail import SIX_YEARS_DAYS
from policies.rules.backup_selection import backed_up
from policies.rules.cloudtrail import BUCKET_IDENTITY, TRAIL, takes_records
from policies.rules.detection import DETECTOR, enabled_features
from policies.rules.exposure import BUCKETS
from policies.rules.log_archive import LOCKS, retained_days
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule
from policies.rules.services import allow_inherited

OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
ACLS = ("aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2")
LIFECYCLES = (
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",
)
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
DESTINATIONS = ("topics", "queues", "lambdaFunctions")
OLD_VERSION_DAYS = 30
"""How long an overwritten object can be fetched back at the least: a mistake of this month is still mended."""


@relation_rule(
    "s3-bucket-acl-disabled",
    *BUCKETS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(1) 308(a)(4)(ii)(B)"),
    remediation="remove the ACL, and set objectOwnership to BucketOwnerEnforced, which is what S3 does by itself.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-acl-prohibited.html",
)
def s3_bucket_acl_disabled(bucket: Resource, stack: Stack) -> Findings:
    """Access to objects is granted by policies alone, which are reviewed, and not object by object."""
    for acl in stack.attached(bucket, *ACLS, by="bucket", identity=BUCKET_IDENTITY):
        yield f"{acl.label} grants access by ACL, expected none"
    if bucket.items("grants") or (bucket.props.get("acl") or "private") != "private":
        yield f"acl is {bucket.props.get('acl', 'unset')} and grants has {len(bucket.items('grants'))} entries"
    for control in stack.attached(bucket, OWNERSHIP, by="bucket", identity=BUCKET_IDENTITY):
        seen = control.block("rule").get("objectOwnership")
        if seen != "BucketOwnerEnforced":
            yield f"{control.name} has objectOwnership {seen or 'unset'}, expected BucketOwnerEnforced"


@relation_rule(
    "s3-bucket-locked",
    *BUCKETS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(c)(1) 308(a)(7)(ii)(A)"),
    remediation="set objectLockEnabled, and add a BucketObjectLockConfiguration with a defaultRetention.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-default-lock-enabled.html",
)
def s3_bucket_locked(bucket: Resource, stack: Stack) -> Findings:
    """Objects cannot be deleted or overwritten for a time after they were written."""
    if stack.attached(bucket, TRAIL, by="s3BucketName", identity=BUCKET_IDENTITY):
        raise NotApplicable("a trail writes here: audit-log-bucket-locked asks for more")
    if takes_records(bucket, stack):
        raise NotApplicable("AWS writes records here, and delivers none to a bucket with a default retention")
    locks = stack.attached(bucket, *LOCKS, by="bucket", identity=BUCKET_IDENTITY)
    if not any(retained_days(lock) for lock in locks):
        yield "no BucketObjectLockConfiguration with a defaultRetention names the bucket"


@relation_rule(
    "s3-bucket-copied",
    *BUCKETS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(7)(ii)(A) 308(a)(7)(ii)(B) 310(d)(2)(iv)"),
    remediation="add a BucketReplicationConfig with an enabled rule, or name the bucket in a backup Selection.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-replication-enabled.html",
)
def s3_bucket_copied(bucket: Resource, stack: Stack) -> Findings:
    """What a bucket holds is somewhere else too: in a replica, or among the backups."""
    replications = stack.attached(bucket, REPLICATION, by="bucket", identity=BUCKET_IDENTITY)
    if any(rule.get("status") == "Enabled" for item in replications for rule in item.items("rules")):
        return
    if takes_records(bucket, stack):
        raise NotApplicable("AWS writes records here, which are no ePHI")
    locks = stack.attached(bucket, *LOCKS, by="bucket", identity=BUCKET_IDENTITY)
    if any(retained_days(lock) >= SIX_YEARS_DAYS for lock in locks):
        raise NotApplicable("it holds records that are locked for six years, which nobody can lose by a mistake")
    if not backed_up(bucket, stack):
        yield "no BucketReplicationConfig with an enabled rule and no backup Selection names the bucket"


@relation_rule(
    "s3-bucket-versions-kept",
    *BUCKETS,
    severity=Severity.LOW,
    evidence=links(supporting="308(a)(7)(ii)(A)"),
    remediation="add a BucketLifecycleConfiguration with an enabled rule whose noncurrentVersionExpiration is after "
    f"{OLD_VERSION_DAYS} days or later.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-version-lifecycle-policy-check.html",
)
def s3_bucket_versions_kept(bucket: Resource, stack: Stack) -> Findings:
    """Somebody decided how long old versions stay, and they stay for a month at the least."""
    found = stack.attached(bucket, *LIFECYCLES, by="bucket", identity=BUCKET_IDENTITY)
    rules = [rule for item in found for rule in item.items("rules") if rule.get("status") == "Enabled"]
    if not rules:
        yield "no BucketLifecycleConfiguration with an enabled rule names the bucket"
    for rule in rules:
        days = (rule.get("noncurrentVersionExpiration") or {}).get("noncurrentDays")
        if days is not None and days < OLD_VERSION_DAYS:
            yield f"rule {rule.get('id')} removes old versions after {days:.0f} days, expected {OLD_VERSION_DAYS} or more"


@relation_rule(
    "s3-bucket-changes-noticed",
    *BUCKETS,
    severity=Severity.LOW,
    evidence=links(supporting="308(a)(1)(ii)(D) 308(a)(6)(ii)"),
    remediation="add a BucketNotification with a destination, or a DetectorFeature S3_DATA_EVENTS that is ENABLED.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-event-notifications-enabled.html",
)
def s3_bucket_changes_noticed(bucket: Resource, stack: Stack) -> Findings:
    """Changes that should not be are noticed: by who is told of each, or by GuardDuty, which watches for odd ones."""
    notifications = stack.attached(bucket, NOTIFICATION, by="bucket", identity=BUCKET_IDENTITY)
    if any(item.props.get("eventbridge") or any(map(item.items, DESTINATIONS)) for item in notifications):
        return
    if takes_records(bucket, stack):
        raise NotApplicable("AWS writes records here, each of which would be noticed")
    detectors = list(stack.typed(DETECTOR))
    if not detectors:
        allow_inherited(stack, "guardduty")
    if not any("S3_DATA_EVENTS" in enabled_features(each, stack) for each in detectors):
        yield "no BucketNotification has a destination, and no DetectorFeature enables S3_DATA_EVENTS"
