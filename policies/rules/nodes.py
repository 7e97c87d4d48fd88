"""The machines under the cluster: private, encrypted, and closed to pods that ask for their credentials."""

from policies.rules.keys import own_key
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
WITH_VOLUMES = (
    "aws:eks/nodeGroup:NodeGroup",
    "aws:autoscaling/group:Group",
    "aws:ebs/volume:Volume",
    "aws:ec2/instance:Instance",
)


@resource_rule(
    "eks-node-group-launch-template",
    "aws:eks/nodeGroup:NodeGroup",
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1)"),
    remediation="give the node group a launchTemplate and no remoteAccess.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html",
)
def eks_node_group_launch_template(group: Resource) -> Findings:
    """Nodes start from a launch template that rules can check, without SSH."""
    if not group.props.get("launchTemplate"):
        yield "launchTemplate is unset, so that EKS chooses disks and metadata options"
    if group.props.get("remoteAccess"):
        yield "remoteAccess is set, expected none: it opens SSH to the nodes"


@resource_rule(
    "launch-template-imdsv2-required",
    LAUNCH_TEMPLATE,
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1) 308(a)(4)(ii)(B)"),
    remediation="set metadataOptions.httpTokens to required and httpPutResponseHopLimit to 1.",
    link="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html",
)
def launch_template_imdsv2_required(template: Resource) -> Findings:
    """Pods cannot take the node's credentials from the instance metadata service."""
    options = template.block("metadataOptions")
    if options.get("httpEndpoint") == "disabled":
        return
    if options.get("httpTokens") != "required":
        yield f"metadataOptions.httpTokens is {options.get('httpTokens', 'unset')}, expected required"
    hops = options.get("httpPutResponseHopLimit")
    if hops != 1:
        yield f"metadataOptions.httpPutResponseHopLimit is {'unset' if hops is None else f'{hops:.0f}'}, expected 1"


@resource_rule(
    "launch-template-volumes-encrypted",
    LAUNCH_TEMPLATE,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation="list every volume in blockDeviceMappings with ebs.encrypted true and ebs.kmsKeyId.",
    link="https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html",
)
def launch_template_volumes_encrypted(template: Resource) -> Findings:
    """Node disks are encrypted with a customer-managed KMS key."""
    volumes = [item for item in template.items("blockDeviceMappings") if item.get("ebs")]
    if not volumes:
        yield "blockDeviceMappings lists no EBS volume, so that the image decides about encryption"
    for item in volumes:
        device, ebs = item.get("deviceName", "?"), item["ebs"]
        if str(ebs.get("encrypted")).lower() != "true":
            yield f"{device} has ebs.encrypted {ebs.get('encrypted', 'unset')}, expected true"
        if not own_key(ebs.get("kmsKeyId")):
            yield f"{device} has ebs.kmsKeyId {ebs.get('kmsKeyId') or 'unset'}, expected a customer-managed key"


@relation_rule(
    "ebs-encryption-by-default",
    *WITH_VOLUMES,
    severity=Severity.MEDIUM,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation="add an aws.ebs.EncryptionByDefault with enabled true.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/ec2-ebs-encryption-by-default.html",
)
def ebs_encryption_by_default(_: Resource, stack: Stack) -> Findings:
    """Volumes that no launch template describes, such as those of claims, are encrypted too."""
    found = stack.typed("aws:ebs/encryptionByDefault:EncryptionByDefault")
    if not any(item.props.get("enabled", True) is True for item in found):
        yield "no EncryptionByDefault is enabled in the stack"


@resource_rule(
    "launch-template-no-public-ip",
    LAUNCH_TEMPLATE,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="set networkInterfaces[].associatePublicIpAddress to false, or leave networkInterfaces out.",
    link="https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html#ec2-25",
)
def launch_template_no_public_ip(template: Resource) -> Findings:
    """Nodes get no public address."""
    for index, interface in enumerate(template.items("networkInterfaces")):
        if str(interface.get("associatePublicIpAddress")).lower() == "true":
            yield f"networkInterfaces[{index}].associatePublicIpAddress is true, expected false"
