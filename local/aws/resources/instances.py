"""EC2 instances."""

from typing import Any

from local.aws.api import Api
from local.aws.mapper import to_api
from local.aws.resource import Call, Resource, Scope, Step
from local.aws.resources.network import EC2_TAGS

_ROOT = "/dev/xvda"
"""The root device of Amazon Linux; the real provider asks the image for it."""
_ROOT_GIB = 8
"""The size of Amazon Linux's root snapshot, which a volume has that asks for none."""
_COMPUTED = {
    "metadataOptions": ("httpProtocolIpv6", "instanceMetadataTags"),
    "rootBlockDevice": ("deleteOnTermination", "deviceName", "iops", "volumeId"),
}


def _interfaces(scope: Scope) -> list[dict[str, Any]]:
    """Whether there is a public address can be said of a network interface only."""
    members = {"privateIp": "PrivateIpAddress", "subnetId": "SubnetId", "vpcSecurityGroupIds": "Groups"}
    given = {member: scope[name] for name, member in members.items() if scope.get(name)}
    return [{"DeviceIndex": 0, "AssociatePublicIpAddress": scope.get("associatePublicIpAddress", False), **given}]


def _profile(scope: Scope) -> dict[str, str]:
    return {"Name": scope["iamInstanceProfile"]}


def _monitoring(scope: Scope) -> dict[str, bool]:
    return {"Enabled": scope["monitoring"]}


def _root(scope: Scope) -> list[dict[str, Any]]:
    members = {
        "deleteOnTermination": "DeleteOnTermination",
        "encrypted": "Encrypted",
        "iops": "Iops",
        "kmsKeyId": "KmsKeyId",
        "throughput": "Throughput",
        "volumeSize": "VolumeSize",
        "volumeType": "VolumeType",
    }
    wanted = {"deleteOnTermination": True, "volumeSize": _ROOT_GIB, **(scope.get("rootBlockDevice") or {})}
    return [{"DeviceName": _ROOT, "Ebs": {member: wanted[name] for name, member in members.items() if name in wanted}}]


def _root_volume(api: Api, scope: Scope) -> dict[str, Any]:
    device = next(item for item in scope["BlockDeviceMappings"] if item["DeviceName"] == _ROOT)
    volume = api.call("ec2", "describe_volumes", {"VolumeIds": [device["Ebs"]["VolumeId"]]})["Volumes"][0]
    found = {
        "deleteOnTermination": device["Ebs"]["DeleteOnTermination"],
        "deviceName": _ROOT,
        "encrypted": volume["Encrypted"],
        "iops": volume.get("Iops"),
        "kmsKeyId": volume.get("KmsKeyId"),
        "volumeId": volume["VolumeId"],
        "volumeSize": volume["Size"],
        "volumeType": volume["VolumeType"],
    }
    return {name: value for name, value in found.items() if value is not None}


def _set_metadata_options(api: Api, scope: Scope, old: Scope) -> None:
    if old:
        shape = api.shape("ec2", "modify_instance_metadata_options")
        options = {"instanceId": scope["id"], **(scope.get("metadataOptions") or {})}
        api.call("ec2", "modify_instance_metadata_options", to_api(options, shape, {}))


def _attribute(name: str, member: str) -> Call:
    return Call(
        operation="modify_instance_attribute",
        inputs=(name,),
        params={"InstanceId": "{id}", member: {"Value": f"{{{name}}}"}},
    )


def _protection(name: str) -> Call:
    member = name[0].upper() + name[1:]
    return Call(
        operation="describe_instance_attribute",
        params={"InstanceId": "{id}", "Attribute": name},
        result=f"{{{name}: {member}.Value}}",
    )


def _has_public_address(_api: Api, scope: Scope) -> bool:
    return bool(scope.get("PublicIpAddress"))


def _profile_name(_api: Api, scope: Scope) -> str | None:
    arn = (scope.get("IamInstanceProfile") or {}).get("Arn")
    return str(arn).rpartition("/")[2] if arn else None


RESOURCES = (
    Resource(
        kind="aws:ec2/instance:Instance",
        service="ec2",
        id="{InstanceId}",
        tagging=EC2_TAGS,
        create=Call(
            operation="run_instances",
            params={
                "MinCount": 1,
                "MaxCount": 1,
                "NetworkInterfaces": _interfaces,
                "IamInstanceProfile": _profile,
                "Monitoring": _monitoring,
                "BlockDeviceMappings": _root,
            },
            inputs=(
                "ami",
                "creditSpecification",
                "disableApiStop",
                "ebsOptimized",
                "instanceInitiatedShutdownBehavior",
                "instanceType",
                "keyName",
                "metadataOptions",
                "userData",
            ),
            result="Instances[0]",
        ),
        read=(
            Call(
                operation="describe_instances",
                params={"InstanceIds": ["{id}"]},
                result="Reservations[0].Instances[?State.Name!='terminated'] | [0]",
            ),
            _protection("disableApiStop"),
            _protection("disableApiTermination"),
        ),
        update=(
            Step(inputs=("metadataOptions",), apply=_set_metadata_options),
            _attribute("sourceDestCheck", "SourceDestCheck"),
            _attribute("disableApiStop", "DisableApiStop"),
            _attribute("disableApiTermination", "DisableApiTermination"),
            Call(
                operation="modify_instance_attribute",
                inputs=("vpcSecurityGroupIds",),
                params={"InstanceId": "{id}", "Groups": "{vpcSecurityGroupIds}"},
            ),
        ),
        delete=Call(operation="terminate_instances", params={"InstanceIds": ["{id}"]}),
        rename={"ami": "ImageId", "privateDns": "PrivateDnsName", "privateIp": "PrivateIpAddress"},
        behaviour=("userDataReplaceOnChange", "forceDestroy"),
        fixed=(
            "subnetId",
            "privateIp",
            "associatePublicIpAddress",
            "iamInstanceProfile",
            "monitoring",
            "rootBlockDevice",
        ),
        computed=tuple(f"{block}.{name}" for block, names in _COMPUTED.items() for name in names),
        defaults={"sourceDestCheck": True},
        unread=("creditSpecification", "userData"),
        outputs={
            "arn": "arn:{partition}:ec2:{region}:{account}:instance/{id}",
            "associatePublicIpAddress": _has_public_address,
            "availabilityZone": lambda _api, scope: scope["Placement"]["AvailabilityZone"],
            "iamInstanceProfile": _profile_name,
            "instanceState": lambda _api, scope: scope["State"]["Name"],
            "monitoring": lambda _api, scope: scope["Monitoring"]["State"] == "enabled",
            "primaryNetworkInterfaceId": lambda _api, scope: scope["NetworkInterfaces"][0]["NetworkInterfaceId"],
            "rootBlockDevice": _root_volume,
            "securityGroups": [],
            "tenancy": lambda _api, scope: scope["Placement"]["Tenancy"],
            "vpcSecurityGroupIds": lambda _api, scope: [
                group["GroupId"] for group in scope["NetworkInterfaces"][0]["Groups"]
            ],
        },
    ),
)
