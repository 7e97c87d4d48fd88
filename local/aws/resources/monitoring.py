"""What measures, alarms and tells: CloudWatch metric filters and alarms, EventBridge rules, policies of log groups."""

from typing import Any

from local.aws.resource import Call, Resource, Scope, Tagging


def _by(resource_arn: str) -> Tagging:
    """CloudWatch and EventBridge tag by `ResourceARN`."""
    return Tagging(
        add=Call(operation="tag_resource", params={"ResourceARN": "{arn}"}),
        remove=Call(operation="untag_resource", params={"ResourceARN": "{arn}", "TagKeys": "{tagKeys}"}),
        read=Call(operation="list_tags_for_resource", params={"ResourceARN": resource_arn}, result="Tags"),
    )


def _queries(scope: Scope) -> list[dict[str, Any]] | None:
    """Metric queries as the API nests them: the statistic around its metric."""
    return [_query(query) for query in scope.get("metricQueries") or []] or None


def _query(query: dict[str, Any]) -> dict[str, Any]:
    plain = {name: query.get(name) for name in ("id", "expression", "label", "returnData", "period", "accountId")}
    found = {name[0].upper() + name[1:]: value for name, value in plain.items() if value is not None}
    if metric := query.get("metric"):
        dimensions = [{"Name": name, "Value": value} for name, value in (metric.get("dimensions") or {}).items()]
        what = {"Namespace": metric.get("namespace"), "MetricName": metric["metricName"], "Dimensions": dimensions}
        stat = {"Period": metric["period"], "Stat": metric["stat"], "Unit": metric.get("unit")}
        stat["Metric"] = {name: value for name, value in what.items() if value}
        found["MetricStat"] = {name: value for name, value in stat.items() if value}
    return found


_ALARM_INPUTS = (
    "name",
    "alarmDescription",
    "actionsEnabled",
    "okActions",
    "alarmActions",
    "insufficientDataActions",
    "metricName",
    "namespace",
    "statistic",
    "extendedStatistic",
    "dimensions",
    "period",
    "unit",
    "evaluationPeriods",
    "datapointsToAlarm",
    "threshold",
    "comparisonOperator",
    "treatMissingData",
    "evaluateLowSampleCountPercentiles",
    "metricQueries",
    "thresholdMetricId",
)
_ALARM = Call(operation="put_metric_alarm", params={"Metrics": _queries}, inputs=_ALARM_INPUTS)
_RULE = {"Name": "{name}", "EventBusName": "{eventBusName}"}
_TARGETS = {"Rule": "{rule}", "EventBusName": "{eventBusName}"}
_TARGET = Call(
    operation="put_targets",
    params={
        **_TARGETS,
        "Targets": [
            {
                "Id": "{targetId}",
                "Arn": "{arn}",
                "RoleArn": "{roleArn}",
                "Input": "{input}",
                "InputPath": "{inputPath}",
                "InputTransformer": {
                    "InputPathsMap": lambda scope: scope["inputTransformer"].get("inputPaths"),
                    "InputTemplate": lambda scope: scope["inputTransformer"]["inputTemplate"],
                },
            }
        ],
    },
    inputs=("rule", "targetId", "arn", "roleArn", "input", "inputPath", "inputTransformer"),
)
_DOCUMENT = Call(operation="put_resource_policy", inputs=("policyName", "policyDocument"))

RESOURCES = (
    Resource(
        kind="aws:cloudwatch/logMetricFilter:LogMetricFilter",
        service="logs",
        id="{name}",
        import_id="{logGroupName}:{name}",
        autoname="name",
        create=Call(operation="put_metric_filter", inputs=None),
        read=(
            Call(
                operation="describe_metric_filters",
                params={"logGroupName": "{logGroupName}", "filterNamePrefix": "{id}"},
                result="metricFilters[?filterName=='{id}'] | [-1]",  # moto keeps what a later put replaces before it
            ),
        ),
        update=(
            Call(
                operation="put_metric_filter",
                params={"logGroupName": "{logGroupName}", "filterName": "{id}"},
                inputs=("pattern", "metricTransformation", "applyOnTransformedLogs"),
            ),
        ),
        delete=Call(operation="delete_metric_filter", params={"logGroupName": "{logGroupName}", "filterName": "{id}"}),
        rename={
            "name": ("filterName", "metricName"),
            "pattern": "filterPattern",
            "namespace": "metricNamespace",
            "value": "metricValue",
        },
    ),
    Resource(
        kind="aws:cloudwatch/metricAlarm:MetricAlarm",
        service="cloudwatch",
        id="{name}",
        autoname="name",
        create=_ALARM,
        read=(Call(operation="describe_alarms", params={"AlarmNames": ["{id}"]}, result="MetricAlarms[0]"),),
        update=(_ALARM,),
        delete=Call(operation="delete_alarms", params={"AlarmNames": ["{id}"]}),
        rename={
            "name": "AlarmName",
            "arn": "AlarmArn",
            "evaluateLowSampleCountPercentiles": "EvaluateLowSampleCountPercentile",
        },
        defaults={"actionsEnabled": True, "treatMissingData": "missing"},
        tagging=_by("{AlarmArn}"),
        unread=("metricQueries",),
    ),
    Resource(
        kind="aws:cloudwatch/eventRule:EventRule",
        service="events",
        id="{name}",
        autoname="name",
        create=Call(operation="put_rule", inputs=None),
        read=(Call(operation="describe_rule", params=_RULE),),
        update=(
            Call(
                operation="put_rule",
                params=_RULE,
                inputs=("description", "eventPattern", "scheduleExpression", "roleArn", "state"),
            ),
        ),
        delete=Call(operation="delete_rule", params=_RULE),
        defaults={"state": "ENABLED", "eventBusName": "default"},
        behaviour=("forceDestroy",),
        tagging=_by("{Arn}"),
    ),
    Resource(
        kind="aws:cloudwatch/eventTarget:EventTarget",
        service="events",
        id="{rule}-{targetId}",
        import_id="{rule}/{targetId}",
        autoname="targetId",
        create=_TARGET,
        read=(Call(operation="list_targets_by_rule", params=_TARGETS, result="Targets[?Id=='{targetId}'] | [0]"),),
        update=(_TARGET,),
        delete=Call(operation="remove_targets", params={**_TARGETS, "Ids": ["{targetId}"]}),
        rename={"targetId": "Id", "inputPaths": "InputPathsMap"},
        behaviour=("forceDestroy",),
        defaults={"eventBusName": "default"},
        outputs={"rule": "{rule}", "eventBusName": "{eventBusName}"},
    ),
    Resource(
        kind="aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
        service="logs",
        id="{policyName}",
        create=_DOCUMENT,
        read=(Call(operation="describe_resource_policies", result="resourcePolicies[?policyName=='{id}'] | [0]"),),
        update=(_DOCUMENT,),
        delete=Call(operation="delete_resource_policy", params={"policyName": "{id}"}),
        outputs={"policyScope": "ACCOUNT"},
    ),
)
