"""Examples: GuardDuty, Security Hub, IAM Access Analyzer."""

from collections.abc import Mapping

from tests.local.aws.examples.common import Example, bucket, role

TAGS = {"tags": {"owner": "platform"}}

EXAMPLES: Mapping[str, Example] = {
    "aws:guardduty/detector:Detector": Example(
        inputs=lambda _: {"enable": True, "findingPublishingFrequency": "FIFTEEN_MINUTES", "tags": {"a": "b"}},
        update={"findingPublishingFrequency": "ONE_HOUR", **TAGS},
        outputs={"arn": r"arn:aws:guardduty:.*:detector/\w+"},
    ),
    "aws:guardduty/detectorFeature:DetectorFeature": Example(
        inputs=lambda r: {
            "detectorId": r("aws:guardduty/detector:Detector", "id"),
            "name": "RUNTIME_MONITORING",
            "status": "ENABLED",
            "additionalConfigurations": [{"name": "EKS_ADDON_MANAGEMENT", "status": "ENABLED"}],
        },
        update={"additionalConfigurations": [{"name": "EKS_ADDON_MANAGEMENT", "status": "DISABLED"}]},
    ),
    "aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan": Example(
        inputs=lambda r: {
            "role": role(r),
            "protectedResource": {"s3Bucket": {"bucketName": bucket(r), "objectPrefixes": ["models/"]}},
            "actions": [{"taggings": [{"status": "ENABLED"}]}],
            "tags": {"a": "b"},
        },
        update={"actions": [{"taggings": [{"status": "DISABLED"}]}], **TAGS},
        outputs={"arn": r"arn:aws:guardduty:.*:malware-protection-plan/\w{20}", "status": "ACTIVE"},
    ),
    "aws:securityhub/account:Account": Example(
        inputs=lambda _: {"enableDefaultStandards": False, "controlFindingGenerator": "SECURITY_CONTROL"},
        update={"autoEnableControls": False, "controlFindingGenerator": "STANDARD_CONTROL"},
        outputs={"arn": "arn:aws:securityhub:us-east-1:123456789012:hub/default"},
    ),
    "aws:securityhub/standardsSubscription:StandardsSubscription": Example(
        inputs=lambda r: {
            "standardsArn": r("aws:securityhub/account:Account", "arn").partition(":123456789012")[0]
            + "::standards/nist-800-53/v/5.0.0"
        },
        outputs={"arn": "arn:aws:securityhub:us-east-1:123456789012:subscription/nist-800-53/v/5.0.0"},
    ),
    "aws:accessanalyzer/analyzer:Analyzer": Example(
        inputs=lambda _: {
            "analyzerName": "unused",
            "type": "ACCOUNT_UNUSED_ACCESS",
            "configuration": {
                "unusedAccess": {"unusedAccessAge": 90, "analysisRule": {"exclusions": [{"accountIds": ["1" * 12]}]}}
            },
            "tags": {"a": "b"},
        },
        update={"configuration": {"unusedAccess": {"unusedAccessAge": 90}}, **TAGS},
        outputs={"arn": "arn:aws:access-analyzer:us-east-1:123456789012:analyzer/unused"},
    ),
}
