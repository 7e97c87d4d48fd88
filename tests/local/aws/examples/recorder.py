"""Examples: AWS Config."""

from collections.abc import Mapping

from tests.local.aws.examples.common import Example, bucket, key, role

TAGS = {"tags": {"owner": "platform"}}

EXAMPLES: Mapping[str, Example] = {
    "aws:cfg/recorder:Recorder": Example(
        inputs=lambda r: {
            "name": "inference",
            "roleArn": role(r),
            "recordingGroup": {
                "allSupported": True,
                "includeGlobalResourceTypes": True,
                "recordingStrategies": [{"useOnly": "ALL_SUPPORTED_RESOURCE_TYPES"}],
            },
            "recordingMode": {"recordingFrequency": "CONTINUOUS"},
        },
        update={
            "recordingGroup": {
                "allSupported": False,
                "exclusionByResourceTypes": [{"resourceTypes": ["AWS::EC2::NetworkInterface"]}],
                "recordingStrategies": [{"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}],
            }
        },
    ),
    "aws:cfg/deliveryChannel:DeliveryChannel": Example(
        inputs=lambda r: {
            "name": r("aws:cfg/recorder:Recorder", "id"),
            "s3BucketName": bucket(r),
            "s3KmsKeyArn": key(r),
            "snsTopicArn": r("aws:sns/topic:Topic", "arn"),
            "snapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"},
        },
        update={"snapshotDeliveryProperties": {"deliveryFrequency": "One_Hour"}, "s3KeyPrefix": "config"},
    ),
    "aws:cfg/recorderStatus:RecorderStatus": Example(
        inputs=lambda r: {"name": r("aws:cfg/deliveryChannel:DeliveryChannel", "id"), "isEnabled": True},
        update={"isEnabled": False},
        remains={"name": "inference", "isEnabled": False, "region": "us-east-1"},
    ),
    "aws:cfg/conformancePack:ConformancePack": Example(
        inputs=lambda r: {
            "name": "hipaa",
            "templateBody": "Resources: {}",
            "deliveryS3Bucket": bucket(r),
            "inputParameters": [{"parameterName": "AccessKeysRotatedParamMaxAccessKeyAge", "parameterValue": "90"}],
        },
        update={
            "inputParameters": [{"parameterName": "AccessKeysRotatedParamMaxAccessKeyAge", "parameterValue": "45"}]
        },
        outputs={"arn": r"arn:aws:config:us-east-1:123456789012:conformance-pack/hipaa/conformance-pack-\w{9}"},
    ),
    "aws:cfg/rule:Rule": Example(
        inputs=lambda _: {
            "name": "volumes",
            "description": "volumes are encrypted",
            "source": {"owner": "AWS", "sourceIdentifier": "ENCRYPTED_VOLUMES"},
            "scope": {"complianceResourceTypes": ["AWS::EC2::Volume"]},
            "inputParameters": '{"kmsId": "arn:aws:kms:us-east-1:123456789012:key/k"}',
            "tags": {"a": "b"},
        },
        update={"description": "every volume is encrypted", **TAGS},
        outputs={"arn": r"arn:aws:config:.*:config-rule/config-rule-\w+", "ruleId": r"config-rule-\w+"},
    ),
}
