"""Alarms, beyond the life of the example."""

from tests.local.aws.conftest import World

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
RATIO = {
    "name": "failures",
    "comparisonOperator": "GreaterThanThreshold",
    "evaluationPeriods": 3,
    "threshold": 0.01,
    "metricQueries": [
        {"id": "ratio", "expression": "errors / requests", "label": "Failed", "returnData": True},
        *(
            {
                "id": name,
                "returnData": False,
                "metric": {
                    "metricName": name,
                    "namespace": "Inference",
                    "period": 60,
                    "stat": "Sum",
                    "dimensions": {"Service": "gateway"},
                },
            }
            for name in ("errors", "requests")
        ),
    ],
}


def test_an_alarm_on_an_expression_reaches_aws_as_aws_nests_it(world: World) -> None:
    """The statistic is around its metric there, and beside it in the program."""
    world.lifecycle(ALARM).create(RATIO)
    (alarm,) = world.api.call("cloudwatch", "describe_alarms", {})["MetricAlarms"]
    ratio, errors, _requests = alarm["Metrics"]
    assert (ratio["Id"], ratio["Expression"], ratio["ReturnData"]) == ("ratio", "errors / requests", True)
    metric = {"MetricName": "errors", "Namespace": "Inference", "Dimensions": [{"Name": "Service", "Value": "gateway"}]}
    assert errors["ReturnData"] is False
    assert errors["MetricStat"] == {"Metric": metric, "Period": 60, "Stat": "Sum"}


def test_a_new_name_is_a_new_alarm(world: World) -> None:
    """A name tells things apart, so that no update can change it; a threshold is changed where it is."""
    lifecycle = world.lifecycle(ALARM)
    assert lifecycle.replaces("name")
    assert not lifecycle.replaces("threshold")
