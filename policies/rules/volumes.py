"""Disks by themselves, and what makes disks for pods that claim some."""

from policies.rules.keys import own_key
from policies.rules.resource import Resource
from policies.rules.rule import Findings, NotApplicable, Severity, links, resource_rule

VOLUME = "aws:ebs/volume:Volume"
EBS_DRIVER = "ebs.csi.aws.com"


@resource_rule(
    "ebs-volume-encrypted",
    VOLUME,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation="set encrypted to true and kmsKeyId to a customer-managed key.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/encrypted-volumes.html",
    optional=True,
)
def ebs_volume_encrypted(volume: Resource) -> Findings:
    """Volumes are encrypted with a customer-managed KMS key."""
    if volume.props.get("encrypted") is not True:
        yield f"encrypted is {volume.props.get('encrypted', 'unset')}, expected true"
    if not own_key(volume.props.get("kmsKeyId")):
        yield f"kmsKeyId is {volume.props.get('kmsKeyId') or 'unset'}, expected a customer-managed key"


@resource_rule(
    "storage-class-encrypted",
    "kubernetes:storage.k8s.io/v1:StorageClass",
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation='set parameters.encrypted to "true" and parameters.kmsKeyId to a customer-managed key.',
    link="https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md",
)
def storage_class_encrypted(storage: Resource) -> Findings:
    """Volumes that pods claim are encrypted with a customer-managed KMS key."""
    if storage.props.get("provisioner") != EBS_DRIVER:
        raise NotApplicable(f"applies to the provisioner {EBS_DRIVER}")
    parameters = storage.block("parameters")
    if str(parameters.get("encrypted")).lower() != "true":
        yield f"parameters.encrypted is {parameters.get('encrypted', 'unset')}, expected true"
    if not own_key(parameters.get("kmsKeyId")):
        yield f"parameters.kmsKeyId is {parameters.get('kmsKeyId') or 'unset'}, expected a customer-managed key"
