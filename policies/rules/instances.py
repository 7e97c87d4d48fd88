"""Single machines beside the cluster, such as the one that a tunnel goes through."""

from policies.rules.resource import Resource
from policies.rules.rule import Findings, Severity, links, resource_rule

INSTANCE = "aws:ec2/instance:Instance"


@resource_rule(
    "ec2-instance-closed",
    INSTANCE,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1) 308(a)(4)(ii)(B)"),
    remediation="set associatePublicIpAddress to false and metadataOptions.httpTokens to required, and leave keyName out.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/ec2-instance-no-public-ip.html",
)
def ec2_instance_closed(instance: Resource) -> Findings:
    """Instances have no public address, no SSH key, and give credentials to who asks for a token first only."""
    if instance.props.get("associatePublicIpAddress") is not False:
        yield f"associatePublicIpAddress is {instance.props.get('associatePublicIpAddress', 'unset')}, expected false"
    if instance.props.get("keyName"):
        yield f"keyName is {instance.props['keyName']}, expected none: people come through Session Manager"
    options = instance.block("metadataOptions")
    if options.get("httpEndpoint") != "disabled" and options.get("httpTokens") != "required":
        yield f"metadataOptions.httpTokens is {options.get('httpTokens', 'unset')}, expected required"


@resource_rule(
    "ec2-instance-volumes-encrypted",
    INSTANCE,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation="set rootBlockDevice.encrypted and rootBlockDevice.kmsKeyId, and those of each of ebsBlockDevices.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/encrypted-volumes.html",
)
def ec2_instance_volumes_encrypted(instance: Resource) -> Findings:
    """Disks of instances are encrypted with a customer-managed KMS key."""
    for where, disk in (("rootBlockDevice", instance.block("rootBlockDevice")), *_others(instance)):
        if disk.get("encrypted") is not True or not disk.get("kmsKeyId"):
            yield f"{where} is not encrypted with a customer-managed key"


def _others(instance: Resource) -> list[tuple[str, dict[str, object]]]:
    return [(f"ebsBlockDevices[{index}]", item) for index, item in enumerate(instance.items("ebsBlockDevices"))]
