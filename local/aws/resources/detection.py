"""What looks for threats and open doors: GuardDuty, Security Hub, IAM Access Analyzer."""

import threading
from typing import Any

from local.aws.api import Api
from local.aws.mapper import to_api
from local.aws.resource import Call, Resource, Scope, Step, Tagging

_features = threading.Lock()


def _set_feature(api: Api, scope: Scope, _old: Scope) -> None:
    """Change one feature. AWS leaves the others as they are; moto replaces all, so that they are sent along."""
    detector = {"DetectorId": scope["detectorId"]}
    shape = api.shape("guardduty", "update_detector").members["Features"].member
    feature: dict[str, Any] = to_api(scope, shape, {})
    with _features:
        living = api.call("guardduty", "get_detector", detector).get("Features", [])
        others = [{name: item[name] for name in shape.members if name in item} for item in living]
        others = [item for item in others if item["Name"] != feature["Name"]]
        api.call("guardduty", "update_detector", {**detector, "Features": [*others, feature]})


def _guardduty_tags(arn: str) -> Tagging:
    return Tagging(
        add=Call(operation="tag_resource", params={"ResourceArn": arn}),
        remove=Call(operation="untag_resource", params={"ResourceArn": arn, "TagKeys": "{tagKeys}"}),
        read=Call(operation="list_tags_for_resource", params={"ResourceArn": arn}, result="tags"),
        on_create=False,
    )


_GUARDDUTY = "arn:{partition}:guardduty:{region}:{account}:"
_PLAN = {"MalwareProtectionPlanId": "{id}"}

RESOURCES = (
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
        tagging=_guardduty_tags(f"{_GUARDDUTY}detector/{{id}}"),
        outputs={
            "arn": f"{_GUARDDUTY}detector/{{id}}",
            "accountId": "{account}",
            "enable": lambda _api, scope: scope.get("Status") == "ENABLED",
        },
    ),
    Resource(
        kind="aws:guardduty/detectorFeature:DetectorFeature",
        service="guardduty",
        id="{detectorId}/{name}",
        autoname="name",
        # The step sets the feature; this only finds out that the detector is there.
        create=Call(operation="get_detector", params={"DetectorId": "{detectorId}"}),
        read=(
            Call(
                operation="get_detector",
                params={"DetectorId": "{detectorId}"},
                result="Features[?Name=='{name}'] | [0]",
            ),
        ),
        update=(Step(inputs=("status", "additionalConfigurations"), apply=_set_feature),),
        delete=None,  # a feature stays as it was set, as with the real provider
        fixed=("name",),
        outputs={"detectorId": "{detectorId}"},
    ),
    Resource(
        kind="aws:guardduty/malwareProtectionPlan:MalwareProtectionPlan",
        service="guardduty",
        id="{MalwareProtectionPlanId}",
        remembered=True,
        create=Call(operation="create_malware_protection_plan", inputs=None),
        read=(Call(operation="get_malware_protection_plan", params=_PLAN),),
        update=(Call(operation="update_malware_protection_plan", params=_PLAN, inputs=("role", "actions")),),
        delete=Call(operation="delete_malware_protection_plan", params=_PLAN),
        tagging=_guardduty_tags(f"{_GUARDDUTY}malware-protection-plan/{{id}}"),
    ),
    Resource(
        kind="aws:securityhub/account:Account",
        service="securityhub",
        id="{account}",
        create=Call(operation="enable_security_hub", inputs=("enableDefaultStandards", "controlFindingGenerator")),
        read=(Call(operation="describe_hub"),),
        update=(
            Call(
                operation="update_security_hub_configuration", inputs=("autoEnableControls", "controlFindingGenerator")
            ),
        ),
        delete=Call(operation="disable_security_hub"),
        rename={"arn": "HubArn"},
        defaults={"autoEnableControls": True, "enableDefaultStandards": True},
        unread=("enableDefaultStandards",),
    ),
    Resource(
        kind="aws:securityhub/standardsSubscription:StandardsSubscription",
        service="securityhub",
        id="{StandardsSubscriptionArn}",
        remembered=True,
        create=Call(
            operation="batch_enable_standards",
            params={"StandardsSubscriptionRequests": [{"StandardsArn": "{standardsArn}"}]},
            result="StandardsSubscriptions[0]",
        ),
        read=(
            Call(
                operation="get_enabled_standards",
                params={"StandardsSubscriptionArns": ["{id}"]},
                result="StandardsSubscriptions[0]",
            ),
        ),
        delete=Call(operation="batch_disable_standards", params={"StandardsSubscriptionArns": ["{id}"]}),
        outputs={"arn": "{id}"},
    ),
    Resource(
        kind="aws:accessanalyzer/analyzer:Analyzer",
        service="accessanalyzer",
        id="{analyzerName}",
        remembered=True,
        create=Call(operation="create_analyzer", inputs=None),
        read=(Call(operation="get_analyzer", params={"analyzerName": "{id}"}, result="analyzer"),),
        update=(Call(operation="update_analyzer", params={"analyzerName": "{id}"}, inputs=("configuration",)),),
        delete=Call(operation="delete_analyzer", params={"analyzerName": "{id}"}),
        defaults={"type": "ACCOUNT"},
        tagging=Tagging(
            add=Call(operation="tag_resource", params={"resourceArn": "{arn}"}),
            remove=Call(operation="untag_resource", params={"resourceArn": "{arn}", "tagKeys": "{tagKeys}"}),
        ),
    ),
)
