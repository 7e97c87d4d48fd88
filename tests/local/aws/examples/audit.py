"""Examples: CloudTrail, SNS."""

import json
from collections.abc import Mapping

from tests.local.aws.examples.common import Example, bucket, key, role

TAGS = {"tags": {"owner": "platform"}}
TOPIC = "arn:aws:sns:us-east-1:123456789012:alerts"
ALARMS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "cloudwatch.amazonaws.com"},
                "Action": "sns:Publish",
                "Resource": TOPIC,
            }
        ],
    }
)
OWNERS = (  # as moto writes what AWS gives a topic
    '{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Effect":"Allow",'
    '"Sid":"__default_statement_ID","Principal":{"AWS":"*"},"Action":["SNS:GetTopicAttributes",'
    '"SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe",'
    '"SNS:ListSubscriptionsByTopic","SNS:Publish"],"Resource":"arn:aws:sns:us-east-1:123456789012:alerts",'
    '"Condition":{"StringEquals":{"AWS:SourceOwner":"123456789012"}}}]}'
)

EXAMPLES: Mapping[str, Example] = {
    "aws:cloudtrail/trail:Trail": Example(
        inputs=lambda r: {
            "name": "audit",
            "s3BucketName": bucket(r),
            "isMultiRegionTrail": True,
            "kmsKeyId": key(r),
            "enableLogFileValidation": True,
            "cloudWatchLogsGroupArn": f"{r('aws:cloudwatch/logGroup:LogGroup', 'arn')}:*",
            "cloudWatchLogsRoleArn": role(r),
            "advancedEventSelectors": [
                {
                    "name": "objects of the model store",
                    "fieldSelectors": [
                        {"field": "eventCategory", "equals": ["Data"]},
                        {"field": "resources.type", "equals": ["AWS::S3::Object"]},
                        {"field": "resources.ARN", "startsWiths": ["arn:aws:s3:::models/"]},
                    ],
                },
                {"name": "management", "fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}]},
            ],
            "tags": {"a": "b"},
        },
        update={
            "isMultiRegionTrail": False,
            "enableLogging": False,
            "advancedEventSelectors": [
                {"name": "management", "fieldSelectors": [{"field": "eventCategory", "equals": ["Management"]}]}
            ],
            **TAGS,
        },
        outputs={"arn": r"arn:aws:cloudtrail:.*:trail/audit", "homeRegion": "us-east-1"},
    ),
    "aws:sns/topic:Topic": Example(
        inputs=lambda r: {"name": "alerts", "kmsMasterKeyId": key(r), "tags": {"a": "b"}},
        update={"displayName": "Alerts", **TAGS},
        outputs={"arn": "arn:aws:sns:us-east-1:123456789012:alerts"},
    ),
    "aws:sns/topicPolicy:TopicPolicy": Example(
        inputs=lambda r: {"arn": r("aws:sns/topic:Topic", "arn"), "policy": ALARMS},
        update={"policy": ALARMS.replace("cloudwatch", "events")},
        outputs={"owner": "123456789012"},
        remains={"arn": TOPIC, "owner": "123456789012", "policy": OWNERS, "region": "us-east-1"},
    ),
    "aws:sns/topicSubscription:TopicSubscription": Example(
        inputs=lambda r: {
            "topic": r("aws:sns/topic:Topic", "arn"),
            "protocol": "email",
            "endpoint": "security@example.org",
            "filterPolicy": '{"severity": ["HIGH"]}',
        },
        update={"filterPolicy": '{"severity": ["HIGH", "CRITICAL"]}'},
        outputs={"arn": f"{TOPIC}:.+", "ownerId": "123456789012"},
    ),
}
