"""Examples: CloudTrail, SNS, GuardDuty."""

from collections.abc import Mapping

from tests.local.aws.examples.common import Example, bucket, key

TAGS = {"tags": {"owner": "platform"}}

EXAMPLES: Mapping[str, Example] = {
    "aws:cloudtrail/trail:Trail": Example(
        inputs=lambda r: {
            "name": "audit",
            "s3BucketName": bucket(r),
            "isMultiRegionTrail": True,
            "kmsKeyId": key(r),
            "enableLogFileValidation": True,
            "tags": {"a": "b"},
        },
        update={"isMultiRegionTrail": False, "enableLogging": False, **TAGS},
        outputs={"arn": r"arn:aws:cloudtrail:.*:trail/audit", "homeRegion": "us-east-1"},
    ),
    "aws:sns/topic:Topic": Example(
        inputs=lambda r: {"name": "alerts", "kmsMasterKeyId": key(r), "tags": {"a": "b"}},
        update={"displayName": "Alerts", **TAGS},
        outputs={"arn": "arn:aws:sns:us-east-1:123456789012:alerts"},
    ),
    "aws:guardduty/detector:Detector": Example(
        inputs=lambda _: {"enable": True, "findingPublishingFrequency": "FIFTEEN_MINUTES", "tags": {"a": "b"}},
        update={"findingPublishingFrequency": "ONE_HOUR"},
        outputs={"arn": r"arn:aws:guardduty:.*:detector/\w+"},
    ),
}
