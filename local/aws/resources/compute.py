"""Launch templates and EC2's account-wide settings."""

from local.aws.api import Api
from local.aws.resource import Call, Resource, Scope, Step
from local.aws.resources.network import EC2_TAGS

_DATA = (
    "blockDeviceMappings",
    "capacityReservationSpecification",
    "cpuOptions",
    "creditSpecification",
    "disableApiStop",
    "disableApiTermination",
    "ebsOptimized",
    "enclaveOptions",
    "hibernationOptions",
    "iamInstanceProfile",
    "imageId",
    "instanceInitiatedShutdownBehavior",
    "instanceMarketOptions",
    "instanceRequirements",
    "instanceType",
    "kernelId",
    "keyName",
    "licenseSpecifications",
    "maintenanceOptions",
    "metadataOptions",
    "monitoring",
    "networkInterfaces",
    "placement",
    "privateDnsNameOptions",
    "ramDiskId",
    "securityGroupNames",
    "tagSpecifications",
    "userData",
    "vpcSecurityGroupIds",
)


def _set_default_version(api: Api, scope: Scope, _old: Scope) -> None:
    version = scope.get("defaultVersion")
    if scope.get("updateDefaultVersion"):
        template = api.call("ec2", "describe_launch_templates", {"LaunchTemplateIds": [scope["id"]]})[
            "LaunchTemplates"
        ][0]
        version = template["LatestVersionNumber"]
    if version:
        api.call("ec2", "modify_launch_template", {"LaunchTemplateId": scope["id"], "DefaultVersion": str(version)})


def _set_encryption(api: Api, scope: Scope, _old: Scope) -> None:
    wanted = scope.get("enabled", True)
    api.call("ec2", f"{'enable' if wanted else 'disable'}_ebs_encryption_by_default", {})


RESOURCES = (
    Resource(
        kind="aws:ec2/launchTemplate:LaunchTemplate",
        service="ec2",
        id="{LaunchTemplateId}",
        autoname="name",
        create=Call(
            operation="create_launch_template",
            params={"LaunchTemplateName": "{name}"},
            inputs=_DATA,
            into="LaunchTemplateData",
            result="LaunchTemplate",
        ),
        read=(
            Call(
                operation="describe_launch_templates",
                params={"LaunchTemplateIds": ["{id}"]},
                result="LaunchTemplates[0]",
            ),
            Call(
                operation="describe_launch_template_versions",
                params={"LaunchTemplateId": "{id}", "Versions": ["$Latest"]},
                result="LaunchTemplateVersions[0].LaunchTemplateData",
                optional=True,
            ),
        ),
        update=(
            Call(
                operation="create_launch_template_version",
                params={"LaunchTemplateId": "{id}"},
                inputs=_DATA,
                into="LaunchTemplateData",
            ),
            Step(inputs=("updateDefaultVersion", "defaultVersion", *_DATA), apply=_set_default_version),
        ),
        delete=Call(operation="delete_launch_template", params={"LaunchTemplateId": "{id}"}),
        rename={
            "name": "LaunchTemplateName",
            "vpcSecurityGroupIds": "SecurityGroupIds",
            "securityGroupNames": "SecurityGroups",
            "securityGroups": "Groups",
            "latestVersion": "LatestVersionNumber",
            "defaultVersion": "DefaultVersionNumber",
        },
        tagging=EC2_TAGS,
        behaviour=("updateDefaultVersion",),
        outputs={"arn": "arn:{partition}:ec2:{region}:{account}:launch-template/{id}"},
    ),
    Resource(
        kind="aws:ebs/encryptionByDefault:EncryptionByDefault",
        service="ec2",
        id="ebs-encryption-by-default",
        create=Call(operation="get_ebs_encryption_by_default"),
        read=(Call(operation="get_ebs_encryption_by_default", result="{enabled: EbsEncryptionByDefault}"),),
        update=(Step(inputs=("enabled",), apply=_set_encryption),),
        delete=Call(operation="disable_ebs_encryption_by_default"),
        defaults={"enabled": True},
    ),
)
