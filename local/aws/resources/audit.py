"""What watches and reports: CloudTrail, SNS, GuardDuty."""

from typing import Any

from local.aws.api import Api
from local.aws.resource import Call, Resource, Scope, Step, Tagging

_TOPIC_ATTRIBUTES = {
    "displayName": "DisplayName",
    "policy": "Policy",
    "kmsMasterKeyId": "KmsMasterKeyId",
    "deliveryPolicy": "DeliveryPolicy",
    "signatureVersion": "SignatureVersion",
    "tracingConfig": "TracingConfig",
    "fifoTopic": "FifoTopic",
    "contentBasedDeduplication": "ContentBasedDeduplication",
}


def _attributes(scope: Scope) -> dict[str, str] | None:
    found = {member: _text(scope[name]) for name, member in _TOPIC_ATTRIBUTES.items() if scope.get(name) is not None}
    return found or None


def _set_attributes(api: Api, scope: Scope, old: Scope) -> None:
    for name, member in _TOPIC_ATTRIBUTES.items():
        if old and scope.get(name) != old.get(name):
            api.call(
                "sns",
                "set_topic_attributes",
                {"TopicArn": scope["id"], "AttributeName": member, "AttributeValue": _text(scope.get(name, ""))},
            )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _log(api: Api, scope: Scope, _old: Scope) -> None:
    api.call(
        "cloudtrail", "start_logging" if scope.get("enableLogging", True) else "stop_logging", {"Name": scope["id"]}
    )


def _select_events(api: Api, scope: Scope, _old: Scope) -> None:
    selectors = [
        {
            "ReadWriteType": item.get("readWriteType", "All"),
            "IncludeManagementEvents": item.get("includeManagementEvents", True),
            "DataResources": [
                {"Type": data["type"], "Values": data["values"]} for data in item.get("dataResources") or []
            ],
        }
        for item in scope.get("eventSelectors") or []
    ]
    advanced = [
        {
            "Name": item.get("name", ""),
            "FieldSelectors": [
                {key[0].upper() + key[1:]: value for key, value in field.items()} for field in item["fieldSelectors"]
            ],
        }
        for item in scope.get("advancedEventSelectors") or []
    ]
    params = {"EventSelectors": selectors, "AdvancedEventSelectors": advanced}
    api.call(
        "cloudtrail",
        "put_event_selectors",
        {"TrailName": scope["id"], **{name: value for name, value in params.items() if value}},
    )


RESOURCES = (
    Resource(
        kind="aws:cloudtrail/trail:Trail",
        service="cloudtrail",
        id="{TrailARN}",
        autoname="name",
        create=Call(operation="create_trail", inputs=None),
        read=(
            Call(
                operation="describe_trails",
                params={"trailNameList": ["{id}"]},
                result="trailList[?TrailARN=='{id}'] | [0]",
            ),
            Call(operation="get_trail_status", params={"Name": "{id}"}, result="{enableLogging: IsLogging}"),
        ),
        update=(
            Step(inputs=("enableLogging",), apply=_log),
            Step(inputs=("eventSelectors", "advancedEventSelectors"), apply=_select_events),
            Call(
                operation="update_trail",
                params={"Name": "{id}"},
                inputs=(
                    "s3BucketName",
                    "s3KeyPrefix",
                    "snsTopicName",
                    "includeGlobalServiceEvents",
                    "isMultiRegionTrail",
                    "enableLogFileValidation",
                    "cloudWatchLogsGroupArn",
                    "cloudWatchLogsRoleArn",
                    "kmsKeyId",
                    "isOrganizationTrail",
                ),
            ),
        ),
        delete=Call(operation="delete_trail", params={"Name": "{name}"}),
        rename={
            "enableLogFileValidation": "LogFileValidationEnabled",
            "cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn",
        },
        defaults={"enableLogging": True, "includeGlobalServiceEvents": True},
        tagging=Tagging(
            add=Call(operation="add_tags", params={"ResourceId": "{id}"}),
            remove=Call(operation="remove_tags", params={"ResourceId": "{id}", "TagsList": "{tagSet}"}),
            read=Call(operation="list_tags", params={"ResourceIdList": ["{id}"]}, result="ResourceTagList[0].TagsList"),
        ),
        outputs={"arn": "{id}"},
        unread=("eventSelectors", "advancedEventSelectors", "insightSelectors"),
    ),
    Resource(
        kind="aws:sns/topic:Topic",
        service="sns",
        id="{TopicArn}",
        autoname="name",
        create=Call(operation="create_topic", inputs=("name",), params={"Attributes": _attributes}),
        read=(Call(operation="get_topic_attributes", params={"TopicArn": "{id}"}, result="Attributes"),),
        update=(Step(inputs=tuple(_TOPIC_ATTRIBUTES), apply=_set_attributes),),
        delete=Call(operation="delete_topic", params={"TopicArn": "{id}"}),
        tagging=Tagging(
            add=Call(operation="tag_resource", params={"ResourceArn": "{id}"}),
            remove=Call(operation="untag_resource", params={"ResourceArn": "{id}", "TagKeys": "{tagKeys}"}),
            read=Call(operation="list_tags_for_resource", params={"ResourceArn": "{id}"}, result="Tags"),
        ),
        outputs={"arn": "{id}", "name": lambda _api, scope: scope["id"].rpartition(":")[2]},
    ),
    Resource(
        kind="aws:guardduty/detector:Detector",
        service="guardduty",
        id="{DetectorId}",
        create=Call(operation="create_detector", inputs=None),
        read=(Call(operation="get_detector", params={"DetectorId": "{id}"}),),
        update=(
            Call(
                operation="update_detector",
                params={"DetectorId": "{id}"},
                inputs=("enable", "findingPublishingFrequency", "datasources"),
            ),
        ),
        delete=Call(operation="delete_detector", params={"DetectorId": "{id}"}),
        defaults={"enable": True},
        rename={"enable": "Enable"},
        tagging=Tagging(
            add=Call(operation="tag_resource", params={"ResourceArn": "{arn}"}),
            remove=Call(operation="untag_resource", params={"ResourceArn": "{arn}", "TagKeys": "{tagKeys}"}),
        ),
        outputs={
            "arn": "arn:{partition}:guardduty:{region}:{account}:detector/{id}",
            "accountId": "{account}",
            "enable": lambda _api, scope: scope.get("Status") == "ENABLED",
        },
    ),
)
