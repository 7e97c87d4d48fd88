"""AWS Config: what records, where it is delivered to, and what it is judged by."""

from local.aws.api import Api
from local.aws.resource import Call, Resource, Scope, Step, Tagging


def _record(api: Api, scope: Scope, _old: Scope) -> None:
    verb = "start" if scope["isEnabled"] else "stop"
    api.call("config", f"{verb}_configuration_recorder", {"ConfigurationRecorderName": scope["id"]})


def _keep_tags(api: Api, scope: Scope, _old: Scope) -> None:
    """moto drops the tags of a rule that is put again; AWS keeps them."""
    tags = [{"Key": key, "Value": value} for key, value in scope["tagsAll"].items()]
    api.call("config", "tag_resource", {"ResourceArn": scope["arn"], "Tags": tags})


_RECORDER = Call(
    operation="put_configuration_recorder",
    into="ConfigurationRecorder",
    inputs=("name", "roleArn", "recordingGroup", "recordingMode"),
)
_RECORDED = """ConfigurationRecorders[0].{name: name, roleARN: roleARN, recordingMode: recordingMode, recordingGroup:
    recordingGroup.{allSupported: allSupported, includeGlobalResourceTypes: includeGlobalResourceTypes,
        resourceTypes: resourceTypes, recordingStrategy: recordingStrategy,
        exclusionByResourceTypes: exclusionByResourceTypes.resourceTypes[0] && exclusionByResourceTypes}}"""
"""A recorder that leaves nothing out is described with an empty exclusion, which the real provider takes for none."""
_CHANNEL = Call(
    operation="put_delivery_channel",
    into="DeliveryChannel",
    inputs=("name", "s3BucketName", "s3KeyPrefix", "s3KmsKeyArn", "snsTopicArn", "snapshotDeliveryProperties"),
)
_PACK = Call(operation="put_conformance_pack", inputs=None)
_RULE = Call(
    operation="put_config_rule",
    into="ConfigRule",
    inputs=(
        "name",
        "description",
        "source",
        "scope",
        "inputParameters",
        "maximumExecutionFrequency",
        "evaluationModes",
    ),
)

RESOURCES = (
    Resource(
        kind="aws:cfg/recorder:Recorder",
        service="config",
        id="{name}",
        autoname="name",
        create=_RECORDER,
        read=(
            Call(
                operation="describe_configuration_recorders",
                params={"ConfigurationRecorderNames": ["{id}"]},
                result=_RECORDED,
            ),
        ),
        update=(_RECORDER,),
        delete=Call(operation="delete_configuration_recorder", params={"ConfigurationRecorderName": "{id}"}),
        unread=("recordingMode",),
    ),
    Resource(
        kind="aws:cfg/recorderStatus:RecorderStatus",
        service="config",
        id="{name}",
        autoname="name",
        # The step starts or stops it; this only finds out that the recorder is there.
        create=Call(operation="describe_configuration_recorders", params={"ConfigurationRecorderNames": ["{name}"]}),
        read=(
            Call(
                operation="describe_configuration_recorder_status",
                params={"ConfigurationRecorderNames": ["{id}"]},
                result="ConfigurationRecordersStatus[0]",
            ),
        ),
        update=(Step(inputs=("isEnabled",), apply=_record),),
        delete=Call(operation="stop_configuration_recorder", params={"ConfigurationRecorderName": "{id}"}),
        rename={"isEnabled": "recording"},
    ),
    Resource(
        kind="aws:cfg/deliveryChannel:DeliveryChannel",
        service="config",
        id="{name}",
        autoname="name",
        create=_CHANNEL,
        read=(
            Call(
                operation="describe_delivery_channels",
                params={"DeliveryChannelNames": ["{id}"]},
                result="DeliveryChannels[0]",
            ),
        ),
        update=(_CHANNEL,),
        delete=Call(operation="delete_delivery_channel", params={"DeliveryChannelName": "{id}"}),
        rename={"snapshotDeliveryProperties": "configSnapshotDeliveryProperties"},
    ),
    Resource(
        kind="aws:cfg/conformancePack:ConformancePack",
        service="config",
        id="{name}",
        autoname="name",
        remembered=True,
        create=_PACK,
        read=(
            Call(
                operation="describe_conformance_packs",
                params={"ConformancePackNames": ["{id}"]},
                result="ConformancePackDetails[0]",
            ),
        ),
        update=(_PACK,),
        delete=Call(operation="delete_conformance_pack", params={"ConformancePackName": "{id}"}),
        rename={
            "name": "ConformancePackName",
            "arn": "ConformancePackArn",
            "inputParameters": "ConformancePackInputParameters",
        },
        unread=("templateBody", "templateS3Uri"),
    ),
    Resource(
        kind="aws:cfg/rule:Rule",
        service="config",
        id="{name}",
        autoname="name",
        create=_RULE,
        read=(Call(operation="describe_config_rules", params={"ConfigRuleNames": ["{id}"]}, result="ConfigRules[0]"),),
        update=(_RULE, Step(inputs=_RULE.inputs or (), apply=_keep_tags)),
        delete=Call(operation="delete_config_rule", params={"ConfigRuleName": "{id}"}),
        rename={"name": "ConfigRuleName", "arn": "ConfigRuleArn", "ruleId": "ConfigRuleId"},
        tagging=Tagging(
            add=Call(operation="tag_resource", params={"ResourceArn": "{arn}"}),
            remove=Call(operation="untag_resource", params={"ResourceArn": "{arn}", "TagKeys": "{tagKeys}"}),
            read=Call(operation="list_tags_for_resource", params={"ResourceArn": "{ConfigRuleArn}"}, result="Tags"),
        ),
    ),
)
