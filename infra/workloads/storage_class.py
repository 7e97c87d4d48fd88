"""The default StorageClass: what a claim gets that asks for nothing special."""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.storage.v1 import StorageClass

from infra.context import Context

NAME = "gp3-encrypted"


@dataclass(frozen=True)
class DefaultStorageClassArgs:
    """Volumes are encrypted with the key of `volumes_key_arn`."""

    context: Context
    volumes_key_arn: pulumi.Input[str]


class DefaultStorageClass(pulumi.ComponentResource):
    """General purpose volumes of the EBS CSI driver, encrypted with our key rather than with the account's default."""

    def __init__(self, name: str, args: DefaultStorageClassArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:DefaultStorageClass", name, None, opts)
        StorageClass(
            NAME,
            metadata=ObjectMetaArgs(name=NAME, annotations={"storageclass.kubernetes.io/is-default-class": "true"}),
            provisioner="ebs.csi.aws.com",
            parameters={"type": "gp3", "encrypted": "true", "kmsKeyId": args.volumes_key_arn},
            # A volume lives in one zone: it is made where the pod goes, not the other way round.
            volume_binding_mode="WaitForFirstConsumer",
            allow_volume_expansion=True,
            # What is protected from deletion does not go with its claim either.
            reclaim_policy="Retain" if args.context.deletion_protection else "Delete",
            # Kubernetes lets nobody change a class: another policy takes another class of the same name.
            opts=pulumi.ResourceOptions(parent=self, replace_on_changes=["reclaimPolicy"], delete_before_replace=True),
        )
        self.register_outputs({})
