"""What is noticed reaches people."""

import json

from policies.rules.detection import DETECTOR
from policies.rules.keys import own_key
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

TOPIC = "aws:sns/topic:Topic"
FINDING = "GuardDuty Finding"
METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


def _heard(topics: list[Resource], stack: Stack) -> bool:
    """Whether somebody listens to one of these topics."""
    subscription = "aws:sns/topicSubscription:TopicSubscription"
    return any(stack.attached(topic, subscription, by="topic", identity=("arn", "id")) for topic in topics)


@relation_rule(
    "alarm-reaches-people",
    METRIC_ALARM,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(6)(ii) 308(a)(1)(ii)(D)"),
    remediation="list in alarmActions a Topic of the stack that has a TopicSubscription.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/cloudwatch-alarm-action-check.html",
)
def alarm_reaches_people(alarm: Resource, stack: Stack) -> Findings:
    """Every alarm goes to a topic that somebody subscribes to."""
    if alarm.props.get("actionsEnabled") is False:
        yield "actionsEnabled is false, expected true"
    if not _heard(stack.named(alarm, TOPIC, by="alarmActions"), stack):
        yield "alarmActions names no Topic of the stack with a TopicSubscription"


@relation_rule(
    "log-metric-filter-alarmed",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(1)(ii)(D) 308(a)(5)(ii)(C)"),
    remediation="add a MetricAlarm on the metricTransformation's name and namespace.",
    link="https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudwatch-alarms-for-cloudtrail.html",
)
def log_metric_filter_alarmed(found: Resource, stack: Stack) -> Findings:
    """What a filter counts in a log raises an alarm, and it counts something."""
    if not (found.props.get("pattern") or "").strip():
        yield "pattern is empty, which counts every line"
    metric = found.block("metricTransformation")
    wanted = (metric.get("name"), metric.get("namespace"))
    alarms = stack.where(METRIC_ALARM, "metricName", wanted[0] or "")
    if not any(alarm.props.get("namespace") == wanted[1] for alarm in alarms):
        yield f"no MetricAlarm watches the metric {wanted[0]} in {wanted[1]}"


@relation_rule(
    "guardduty-findings-reach-people",
    DETECTOR,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(6)(ii)"),
    remediation="add an EventRule for the source aws.guardduty whose EventTarget is a Topic with a TopicSubscription.",
    link="https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",
)
def guardduty_findings_reach_people(_: Resource, stack: Stack) -> Findings:
    """What GuardDuty finds goes to a topic that somebody subscribes to."""
    rules = [item for item in stack.typed("aws:cloudwatch/eventRule:EventRule") if _about_findings(item)]
    targets = [
        target
        for rule in rules
        for target in stack.attached(rule, "aws:cloudwatch/eventTarget:EventTarget", by="rule", identity=("name", "id"))
    ]
    if not any(_heard(stack.named(target, TOPIC, by="arn"), stack) for target in targets):
        yield "no EventRule for the source aws.guardduty leads to a Topic with a TopicSubscription"


def _about_findings(rule: Resource) -> bool:
    """Whether a rule of EventBridge is on and takes findings; which of them it leaves out, is not looked at."""
    pattern = json.loads(rule.props.get("eventPattern") or "{}")
    off = rule.props.get("state") == "DISABLED" or rule.props.get("isEnabled") is False
    return (
        not off
        and "aws.guardduty" in (pattern.get("source") or ())
        and FINDING in (pattern.get("detail-type") or (FINDING,))
    )


@resource_rule(
    "sns-topic-encrypted",
    TOPIC,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(2)(iv)"),
    remediation="set kmsMasterKeyId to a customer-managed key.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/sns-encrypted-kms.html",
)
def sns_topic_encrypted(topic: Resource) -> Findings:
    """Messages are encrypted with a customer-managed KMS key while they wait."""
    key = topic.props.get("kmsMasterKeyId")
    if not own_key(key):
        yield f"kmsMasterKeyId is {key or 'unset'}, expected a customer-managed key"
