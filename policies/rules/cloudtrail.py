"""CloudTrail records who called which API of AWS, and who read or wrote which object."""

from collections.abc import Iterable

from policies.rules.exposure import BUCKETS
from policies.rules.keys import own_key
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
OBJECT = "AWS::S3::Object"
SELECTABLE = {"eventCategory": {"Data"}, "resources.type": {OBJECT}}
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
    if not own_key(trail.props.get("kmsKeyId")):
        yield f"kmsKeyId is {trail.props.get('kmsKeyId') or 'unset'}, expected a customer-managed key"
    if not trail.props.get("cloudWatchLogsGroupArn"):
        yield "cloudWatchLogsGroupArn is unset, so that no alarm sees the events"
    if not _records_management(trail):
        yield "no event selector takes all management events"


def _records_management(trail: Resource) -> bool:
    """Whether it records every call to AWS, which it does as well where it has no event selectors."""
    basic, advanced = trail.items("eventSelectors"), trail.items("advancedEventSelectors")
    if not basic and not advanced:
        return True
    return any(
        item.get("includeManagementEvents", True) and (item.get("readWriteType") or "All") == "All" for item in basic
    ) or any(
        [(field["field"], *field.get("equals", ())) for field in item.get("fieldSelectors") or ()]
        == [("eventCategory", "Management")]
        for item in advanced
    )


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
    if not any(_records(trail, bucket) for trail in trails):
        yield "no Trail selects reads and writes of the bucket's objects"


def _records(trail: Resource, bucket: Resource) -> bool:
    """Whether a trail takes every event about the bucket's objects, by advanced event selectors or by basic ones."""
    basic = [item for item in trail.items("eventSelectors") if (item.get("readWriteType") or "All") == "All"]
    objects = [
        value
        for item in basic
        for source in item.get("dataResources") or ()
        if source["type"] == OBJECT
        for value in source["values"]
    ]
    return any(_selects(item, bucket) for item in trail.items("advancedEventSelectors")) or _begins(objects, bucket)


def _begins(beginnings: Iterable[str], bucket: Resource) -> bool:
    """Whether the ARNs of the bucket's objects begin so; `arn:aws:s3` is every bucket."""
    return any(f"{bucket.computed('arn')}/".startswith(beginning) for beginning in beginnings)


def _selects(selector: Properties, bucket: Resource) -> bool:
    """Whether an advanced event selector takes every event about the bucket's objects."""
    fields = {item["field"]: item for item in selector.get("fieldSelectors") or ()}
    if not SELECTABLE.keys() <= fields.keys() <= {*SELECTABLE, "resources.ARN"}:
        return False
    if any(set(fields[name].get("equals") or ()) != values for name, values in SELECTABLE.items()):
        return False
    if "resources.ARN" not in fields:
        return True
    return _begins(fields["resources.ARN"].get("startsWiths") or (), bucket)
