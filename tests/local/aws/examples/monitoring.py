"""Examples: CloudWatch metric filters and alarms, EventBridge rules, policies of log groups."""

import json
from collections.abc import Mapping

from tests.local.aws.examples.common import KEY_POLICY, Example

TAGS = {"tags": {"owner": "platform"}}
TOPIC = "aws:sns/topic:Topic"
DOCUMENT = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "route53.amazonaws.com"},
                "Action": "logs:PutLogEvents",
                "Resource": "*",
            }
        ],
    }
)

EXAMPLES: Mapping[str, Example] = {
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Example(
        inputs=lambda r: {
            "name": "refused",
            "logGroupName": r("aws:cloudwatch/logGroup:LogGroup", "id"),
            "pattern": '{ $.errorCode = "AccessDenied*" }',
            "metricTransformation": {"name": "Refused", "namespace": "Inference", "value": "1", "defaultValue": "0"},
        },
        update={"pattern": '{ $.errorCode = "*Unauthorized*" }'},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Example(
        inputs=lambda r: {
            "name": "refused",
            "alarmDescription": "calls were refused",
            "comparisonOperator": "GreaterThanOrEqualToThreshold",
            "evaluationPeriods": 1,
            "metricName": "Refused",
            "namespace": "Inference",
            "dimensions": {"ClusterName": "inference"},
            "period": 300,
            "statistic": "Sum",
            "threshold": 0.5,
            "treatMissingData": "notBreaching",
            "alarmActions": [r(TOPIC, "arn")],
            "tags": {"a": "b"},
        },
        update={"threshold": 5, "evaluationPeriods": 2, **TAGS},
        outputs={"arn": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:refused"},
    ),
    "aws:cloudwatch/eventRule:EventRule": Example(
        inputs=lambda _: {
            "name": "findings",
            "description": "findings of GuardDuty",
            "eventPattern": '{"source": ["aws.guardduty"]}',
            "tags": {"a": "b"},
        },
        update={"eventPattern": '{"source": ["aws.guardduty", "aws.securityhub"]}', "state": "DISABLED", **TAGS},
        outputs={"arn": "arn:aws:events:us-east-1:123456789012:rule/findings"},
    ),
    "aws:cloudwatch/eventTarget:EventTarget": Example(
        inputs=lambda r: {
            "rule": r("aws:cloudwatch/eventRule:EventRule", "name"),
            "targetId": "alerts",
            "arn": r(TOPIC, "arn"),
            "inputTransformer": {"inputPaths": {"kind": "$.detail.type"}, "inputTemplate": '"<kind>"'},
        },
        update={"inputTransformer": {"inputPaths": {"kind": "$.detail-type"}, "inputTemplate": '"<kind>"'}},
    ),
    "aws:cloudwatch/logResourcePolicy:LogResourcePolicy": Example(
        inputs=lambda _: {"policyName": "dns", "policyDocument": DOCUMENT},
        update={"policyDocument": KEY_POLICY},
        outputs={"policyScope": "ACCOUNT"},
    ),
}
