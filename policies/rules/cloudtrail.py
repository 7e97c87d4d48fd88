"""CloudTrail records who called which API of AWS, and who read or wrote which object."""

from policies.rules.exposure import BUCKETS
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule
from policies.rules.services import allow_inherited, service_rule

TRAIL = "aws:cloudtrail/trail:Trail"
BUCKET_IDENTITY = ("bucket", "id")
RECORDS_GO_TO = (
    (TRAIL, "s3BucketName"),
    ("aws:cfg/deliveryChannel:DeliveryChannel", "s3BucketName"),
    ("aws:s3/bucketLogging:BucketLogging", "targetBucket"),
    ("aws:lb/loadBalancer:LoadBalancer", "accessLogs.bucket"),
)
"""Types that write records into a bucket, and the property that names it."""
SELECTABLE = {"eventCategory": {"Data"}, "resources.type": {"AWS::S3::Object"}}
NAME = "cloudtrail-enabled-and-protected"


@service_rule(
    NAME,
    TRAIL,
    service="cloudtrail",
    severity=Severity.HIGH,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D) 308(a)(5)(ii)(C)"),
    remediation="add a Trail with isMultiRegionTrail, enableLogFileValidation, kmsKeyId and cloudWatchLogsGroupArn.",
    link="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/best-practices-security.html",
)
def cloudtrail_enabled_and_protected(trail: Resource, _: Stack) -> Findings:
    """Calls to AWS are recorded in every region, in files that cannot be changed unseen, and where alarms see them."""
    for name in ("isMultiRegionTrail", "enableLogFileValidation"):
        if trail.props.get(name) is not True:
            yield f"{name} is {trail.props.get(name, 'unset')}, expected true"
    for name in ("enableLogging", "includeGlobalServiceEvents"):
        if trail.props.get(name) is False:
            yield f"{name} is false, expected true"
    if not trail.props.get("kmsKeyId"):
        yield "kmsKeyId is unset, expected a customer-managed key"
    if not trail.props.get("cloudWatchLogsGroupArn"):
        yield "cloudWatchLogsGroupArn is unset, so that no alarm sees the events"


def takes_records(bucket: Resource, stack: Stack) -> bool:
    """Whether a bucket is where AWS writes records: a trail, configuration items, access logs."""
    return any(stack.attached(bucket, kind, by=by, identity=BUCKET_IDENTITY) for kind, by in RECORDS_GO_TO)


@relation_rule(
    "s3-bucket-data-events-recorded",
    *BUCKETS,
    severity=Severity.MEDIUM,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D)"),
    remediation="select Data events of AWS::S3::Object whose resources.ARN starts with the bucket's in a Trail.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/cloudtrail-s3-dataevents-enabled.html",
)
def s3_bucket_data_events_recorded(bucket: Resource, stack: Stack) -> Findings:
    """Who read or wrote an object is recorded, in every bucket but those that take AWS's own records."""
    if takes_records(bucket, stack):
        raise NotApplicable("AWS writes its records here, and would record that writing too, for ever")
    trails = list(stack.typed(TRAIL))
    if not trails:
        allow_inherited(stack, "cloudtrail")
        raise NotApplicable(f"the stack has no trail, which {NAME} is about")
    if not any(_selects(item, bucket) for trail in trails for item in trail.items("advancedEventSelectors")):
        yield "no Trail selects reads and writes of the bucket's objects"


def _selects(selector: Properties, bucket: Resource) -> bool:
    """Whether an advanced event selector takes every event about the bucket's objects."""
    fields = {item["field"]: item for item in selector.get("fieldSelectors") or ()}
    if not SELECTABLE.keys() <= fields.keys() <= {*SELECTABLE, "resources.ARN"}:
        return False
    if any(set(fields[name].get("equals") or ()) != values for name, values in SELECTABLE.items()):
        return False
    if "resources.ARN" not in fields:
        return True
    beginnings = fields["resources.ARN"].get("startsWiths") or ()
    return any(f"{bucket.computed('arn')}/".startswith(beginning) for beginning in beginnings)
