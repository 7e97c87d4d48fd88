"""What is written down and who is told: CloudTrail, SNS."""

import json
from typing import Any

from local.aws.api import Api
from local.aws.mapper import to_api
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
_OWNERS_ACTIONS = [
    "SNS:GetTopicAttributes",
    "SNS:SetTopicAttributes",
    "SNS:AddPermission",
    "SNS:RemovePermission",
    "SNS:DeleteTopic",
    "SNS:Subscribe",
    "SNS:ListSubscriptionsByTopic",
    "SNS:Publish",
]
_SUBSCRIPTION_ATTRIBUTES = (
    "filterPolicyScope",
    "filterPolicy",
    "rawMessageDelivery",
    "redrivePolicy",
    "deliveryPolicy",
    "subscriptionRoleArn",
)


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
    """Without selectors, management events are logged, as by a trail that was never given any."""
    advanced, every = scope.get("advancedEventSelectors"), {"readWriteType": "All", "includeManagementEvents": True}
    basic = [{**every, **selector} for selector in scope.get("eventSelectors") or [every]]
    wanted = {"advancedEventSelectors": advanced} if advanced else {"eventSelectors": basic}
    selectors = to_api(wanted, api.shape("cloudtrail", "put_event_selectors"), {})
    api.call("cloudtrail", "put_event_selectors", {"TrailName": scope["id"], **selectors})


def _subscription(scope: Scope) -> dict[str, str] | None:
    found = {
        name[0].upper() + name[1:]: _text(scope[name])
        for name in _SUBSCRIPTION_ATTRIBUTES
        if scope.get(name) is not None
    }
    return found or None


def _set_subscription(api: Api, scope: Scope, old: Scope) -> None:
    for name in _SUBSCRIPTION_ATTRIBUTES:
        if scope.get(name) != old.get(name):
            attribute = {"AttributeName": name[0].upper() + name[1:], "AttributeValue": _text(scope.get(name, ""))}
            api.call("sns", "set_subscription_attributes", {"SubscriptionArn": scope["id"], **attribute})


def _owners_policy(scope: Scope) -> str:
    """The policy that a topic has when nobody gave it one: its account may use it."""
    return json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Sid": "__default_statement_ID",
                    "Principal": {"AWS": "*"},
                    "Action": _OWNERS_ACTIONS,
                    "Resource": scope["id"],
                    "Condition": {"StringEquals": {"AWS:SourceOwner": scope["account"]}},
                }
            ],
        }
    )


_POLICY = Call(
    operation="set_topic_attributes",
    params={"TopicArn": "{arn}", "AttributeName": "Policy", "AttributeValue": "{policy}"},
    inputs=("policy",),
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
            Call(operation="get_event_selectors", params={"TrailName": "{id}"}),
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
        kind="aws:sns/topicPolicy:TopicPolicy",
        service="sns",
        id="{arn}",
        create=_POLICY,
        read=(Call(operation="get_topic_attributes", params={"TopicArn": "{id}"}, result="Attributes"),),
        update=(_POLICY,),
        delete=Call(
            operation="set_topic_attributes",
            params={"TopicArn": "{id}", "AttributeName": "Policy", "AttributeValue": _owners_policy},
        ),
        rename={"arn": "TopicArn"},
    ),
    Resource(
        kind="aws:sns/topicSubscription:TopicSubscription",
        service="sns",
        id="{SubscriptionArn}",
        create=Call(
            operation="subscribe",
            params={"Attributes": _subscription, "ReturnSubscriptionArn": True},
            inputs=("topic", "protocol", "endpoint", *_SUBSCRIPTION_ATTRIBUTES),
        ),
        read=(Call(operation="get_subscription_attributes", params={"SubscriptionArn": "{id}"}, result="Attributes"),),
        update=(Step(inputs=_SUBSCRIPTION_ATTRIBUTES, apply=_set_subscription),),
        delete=Call(operation="unsubscribe", params={"SubscriptionArn": "{id}"}),
        rename={"topic": "TopicArn", "arn": "SubscriptionArn", "ownerId": "Owner"},
        behaviour=("confirmationTimeoutInMinutes", "endpointAutoConfirms"),
        defaults={"rawMessageDelivery": False},
    ),
)
