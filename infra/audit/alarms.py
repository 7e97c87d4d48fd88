"""An alarm for each signal in the records, and for records that stop coming."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.audit.signals import CLUSTER_SIGNALS, TRAIL_SIGNALS, Signal
from infra.context import Context

PERIOD_S = 300
QUIET_S = 3600
"""Both kinds of record flow all the time; an hour without any is a fault or an attack."""


@dataclass(frozen=True)
class AlarmsArgs:
    """`trail_log_group` is None where the trail is inherited: who runs it has its records and watches them."""

    context: Context
    topic_arn: pulumi.Input[str]
    cluster_log_group: pulumi.Input[str]
    trail_log_group: pulumi.Input[str] | None


class Alarms(pulumi.ComponentResource):
    """Metric filters on the log groups of the trail and of the cluster's control plane, each with an alarm.

    Destroying it, in any stack, removes the filters and alarms and leaves the records.
    """

    def __init__(self, name: str, args: AlarmsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:Alarms", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        self._watch("cluster", args.cluster_log_group, CLUSTER_SIGNALS)
        if args.trail_log_group is not None:
            self._watch("trail", args.trail_log_group, TRAIL_SIGNALS)
        self.register_outputs({})

    def _watch(self, records: str, log_group: pulumi.Input[str], signals: Sequence[Signal]) -> None:
        for signal in signals:
            self._alarm_on(signal, log_group)
        self._alarm(
            f"{records}-records-quiet",
            f"No record has come from the {records} for an hour.",
            aws.cloudwatch.MetricAlarmArgs(
                namespace="AWS/Logs",
                metric_name="IncomingLogEvents",
                dimensions={"LogGroupName": log_group},
                comparison_operator="LessThanThreshold",
                evaluation_periods=1,
                threshold=1,
                period=QUIET_S,
                treat_missing_data="breaching",
            ),
        )

    def _alarm_on(self, signal: Signal, log_group: pulumi.Input[str]) -> None:
        namespace = f"{self._args.context.name}/security"
        aws.cloudwatch.LogMetricFilter(
            signal.name,
            name=f"{self._args.context.name}-{signal.name}",
            log_group_name=log_group,
            pattern=signal.pattern,
            metric_transformation=aws.cloudwatch.LogMetricFilterMetricTransformationArgs(
                name=signal.name, namespace=namespace, value="1"
            ),
            opts=self._here,
        )
        self._alarm(
            signal.name,
            f"{signal.meaning} ({signal.source})",
            aws.cloudwatch.MetricAlarmArgs(
                namespace=namespace,
                metric_name=signal.name,
                comparison_operator="GreaterThanOrEqualToThreshold",
                evaluation_periods=1,
                threshold=signal.threshold,
                period=PERIOD_S,
                treat_missing_data="notBreaching",
            ),
        )

    def _alarm(self, name: str, meaning: str, condition: aws.cloudwatch.MetricAlarmArgs) -> None:
        condition.name = f"{self._args.context.name}-{name}"
        condition.alarm_description = meaning
        condition.statistic = "Sum"
        condition.alarm_actions = [self._args.topic_arn]
        aws.cloudwatch.MetricAlarm(f"{name}-alarm", condition, opts=self._here)
