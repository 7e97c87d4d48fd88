"""Records are kept where nobody can change or remove them before their time."""

from math import ceil

from policies.rules.audit_trail import SIX_YEARS_DAYS
from policies.rules.cloudtrail import BUCKET_IDENTITY, TRAIL
from policies.rules.exposure import BUCKETS
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule

LOCKS = (
    "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration",
    "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2",
)
LOGGING = "aws:s3/bucketLogging:BucketLogging"


def retained_days(lock: Resource) -> int:
    """For how many days a bucket's Object Lock keeps new objects; 0 where it says nothing."""
    retention = lock.block("rule").get("defaultRetention") or {}
    return int(retention.get("days") or 0) or ceil((retention.get("years") or 0) * SIX_YEARS_DAYS / 6)


@relation_rule(
    "audit-log-bucket-locked",
    *BUCKETS,
    severity=Severity.HIGH,
    evidence=links(supporting="312(b) 316(b)(2)(i)"),
    remediation=f"set objectLockEnabled, and add a BucketObjectLockConfiguration of {SIX_YEARS_DAYS} days or more.",
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
)
def audit_log_bucket_locked(bucket: Resource, stack: Stack) -> Findings:
    """What a trail records cannot be deleted or overwritten for six years."""
    if not stack.attached(bucket, TRAIL, by="s3BucketName", identity=BUCKET_IDENTITY):
        raise NotApplicable("applies to buckets that a trail writes to")
    if bucket.props.get("objectLockEnabled") is not True:
        yield "objectLockEnabled is not true"
    locks = stack.attached(bucket, *LOCKS, by="bucket", identity=BUCKET_IDENTITY)
    if not locks:
        yield "no BucketObjectLockConfiguration names the bucket"
    for lock in locks:
        if retained_days(lock) < SIX_YEARS_DAYS:
            yield f"{lock.name} keeps new objects for {retained_days(lock)} days, expected {SIX_YEARS_DAYS} or more"


@relation_rule(
    "s3-bucket-access-logged",
    *BUCKETS,
    severity=Severity.MEDIUM,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D)"),
    remediation="add a BucketLogging for the bucket, with another bucket as its targetBucket.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-bucket-logging-enabled.html",
)
def s3_bucket_access_logged(bucket: Resource, stack: Stack) -> Findings:
    """Every request to the bucket is recorded in another bucket."""
    if stack.attached(bucket, LOGGING, by="bucket", identity=BUCKET_IDENTITY):
        return
    if stack.attached(bucket, LOGGING, by="targetBucket", identity=BUCKET_IDENTITY):
        raise NotApplicable("access logs are written here: logging that writing would never end")
    yield "no BucketLogging names the bucket"
