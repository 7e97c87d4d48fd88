"""Single machines beside the cluster, such as the one that a tunnel goes through."""

from collections.abc import Iterator

from policies.rules.keys import own_key
from policies.rules.nodes import LAUNCH_TEMPLATE
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

INSTANCE = "aws:ec2/instance:Instance"


def closed(machine: Resource) -> Findings:
    """What opens a machine, as an instance or a launch configuration describes it."""
    if machine.props.get("associatePublicIpAddress") is not False:
        yield f"associatePublicIpAddress is {machine.props.get('associatePublicIpAddress', 'unset')}, expected false"
    if machine.props.get("keyName"):
        yield f"keyName is {machine.props['keyName']}, expected none: people come through Session Manager"
    options = machine.block("metadataOptions")
    if options.get("httpEndpoint") != "disabled" and options.get("httpTokens") != "required":
        yield f"metadataOptions.httpTokens is {options.get('httpTokens', 'unset')}, expected required"


@resource_rule(
    "ec2-instance-closed",
    INSTANCE,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1) 308(a)(4)(ii)(B)"),
    remediation="set associatePublicIpAddress to false and metadataOptions.httpTokens to required, and leave keyName out.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/ec2-instance-no-public-ip.html",
    optional=True,
)
def ec2_instance_closed(instance: Resource) -> Findings:
    """Instances have no public address, no SSH key, and give credentials to who asks for a token first only."""
    yield from closed(instance)


@resource_rule(
    "ec2-instance-volumes-encrypted",
    INSTANCE,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation="set rootBlockDevice.encrypted and rootBlockDevice.kmsKeyId, and those of each of ebsBlockDevices.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/encrypted-volumes.html",
    optional=True,
)
def ec2_instance_volumes_encrypted(instance: Resource) -> Findings:
    """Disks of instances are encrypted with a customer-managed KMS key."""
    for where, disk in (("rootBlockDevice", instance.block("rootBlockDevice")), *_others(instance)):
        if disk.get("encrypted") is not True or not own_key(disk.get("kmsKeyId")):
            yield f"{where} is not encrypted with a customer-managed key"


def _others(instance: Resource) -> list[tuple[str, Properties]]:
    return [(f"ebsBlockDevices[{index}]", item) for index, item in enumerate(instance.items("ebsBlockDevices"))]


def _described(instance: Resource, stack: Stack) -> Iterator[Properties]:
    """What says how the instance is made: its own properties, and its launch template's."""
    yield instance.props
    for by in ("id", "name"):
        for template in stack.named(instance, LAUNCH_TEMPLATE, by=f"launchTemplate.{by}", identity=(by,)):
            yield template.props


@relation_rule(
    "ec2-instance-has-role",
    INSTANCE,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(4)(ii)(B) 312(a)(2)(i)"),
    remediation="set iamInstanceProfile.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/ec2-instance-profile-attached.html",
    optional=True,
)
def ec2_instance_has_role(instance: Resource, stack: Stack) -> Findings:
    """What runs on an instance has a role of its own, so that nobody puts keys there."""
    if not any(item.get("iamInstanceProfile") for item in _described(instance, stack)):
        yield "iamInstanceProfile is unset"


@relation_rule(
    "ec2-instance-in-vpc",
    INSTANCE,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(1) 312(e)(1)"),
    remediation="set subnetId to a subnet of the VPC that the program made or chose.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/ec2-instances-in-vpc.html",
    optional=True,
)
def ec2_instance_in_vpc(instance: Resource, stack: Stack) -> Findings:
    """Instances are in a subnet that somebody chose, not in the account's default VPC with its way out."""
    if not any(_placed(item) for item in _described(instance, stack)):
        yield "subnetId is unset, which means the default VPC"


def _placed(described: Properties) -> bool:
    interfaces = (described.get("primaryNetworkInterface"), *(described.get("networkInterfaces") or ()))
    return bool(described.get("subnetId")) or any(
        item.get("networkInterfaceId") or item.get("subnetId") for item in interfaces if item
    )
