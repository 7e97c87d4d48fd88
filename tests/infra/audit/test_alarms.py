"""Each signal has a filter on the records and an alarm that reaches the topic."""

import pytest

from infra.audit.alarms import Alarms, AlarmsArgs
from infra.audit.signals import CLUSTER_SIGNALS, TRAIL_SIGNALS, Signal
from tests.infra.components import Component, context, run_component

TRAIL, CLUSTER = "/inference-test/cloudtrail", "/aws/eks/inference-test/cluster"


def made(trail_log_group: str | None) -> Component:
    """The alarms by themselves."""

    def build() -> None:
        Alarms("alarms", AlarmsArgs(context(), "topic-arn", CLUSTER, trail_log_group))

    return run_component(build)


@pytest.fixture(scope="module")
def alarms() -> Component:
    """The alarms of a stack with a trail of its own."""
    return made(TRAIL)


@pytest.mark.parametrize(
    ("signal", "log_group"),
    [*((signal, TRAIL) for signal in TRAIL_SIGNALS), *((signal, CLUSTER) for signal in CLUSTER_SIGNALS)],
    ids=lambda value: value.name if isinstance(value, Signal) else "",
)
def test_signal_is_counted_and_raises_its_alarm(alarms: Component, signal: Signal, log_group: str) -> None:
    """Matches in the signal's records are counted, and enough of them in five minutes reach the topic."""
    counted = alarms.only("LogMetricFilter", signal.name)
    assert counted["name"] == f"inference-test-{signal.name}"
    assert counted["logGroupName"] == log_group
    assert counted["pattern"] == signal.pattern
    metric = counted["metricTransformation"]
    assert metric == {"name": signal.name, "namespace": "inference-test/security", "value": "1"}
    alarm = alarms.only("MetricAlarm", f"{signal.name}-alarm")
    assert (alarm["metricName"], alarm["namespace"]) == (metric["name"], metric["namespace"])
    assert alarm["name"] == f"inference-test-{signal.name}"
    assert alarm["comparisonOperator"] == "GreaterThanOrEqualToThreshold"
    assert (alarm["threshold"], alarm["statistic"], alarm["period"]) == (signal.threshold, "Sum", 300)
    assert alarm["evaluationPeriods"] == 1


def test_every_alarm_reaches_the_topic_and_says_what_happened(alarms: Component) -> None:
    """An alarm has one action and a sentence for its reader; it is never without data."""
    for alarm in alarms.of("MetricAlarm"):
        assert alarm.inputs["alarmActions"] == ["topic-arn"]
        assert alarm.inputs["alarmDescription"]
        assert alarm.inputs["treatMissingData"] in ("breaching", "notBreaching")
        assert alarm.inputs.get("actionsEnabled", True) is True


@pytest.mark.parametrize(("records", "log_group"), [("trail", TRAIL), ("cluster", CLUSTER)])
def test_records_that_stop_raise_an_alarm(alarms: Component, records: str, log_group: str) -> None:
    """An hour without a record is an alarm, even if nothing says any more that there is none."""
    alarm = alarms.only("MetricAlarm", f"{records}-records-quiet-alarm")
    assert (alarm["namespace"], alarm["metricName"]) == ("AWS/Logs", "IncomingLogEvents")
    assert alarm["dimensions"] == {"LogGroupName": log_group}
    assert (alarm["comparisonOperator"], alarm["threshold"], alarm["period"]) == ("LessThanThreshold", 1, 3600)
    assert alarm["treatMissingData"] == "breaching"


def test_inherited_trail_leaves_the_clusters_alarms() -> None:
    """Who runs the trail watches its records; the cluster's are watched here."""
    found = made(None)
    assert {each.name for each in found.of("LogMetricFilter")} == {signal.name for signal in CLUSTER_SIGNALS}
    assert len(found.of("MetricAlarm")) == len(CLUSTER_SIGNALS) + 1
