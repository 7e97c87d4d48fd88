"""Settings of the whole account and region that make the safe choice for whatever else is made there."""

import pulumi
import pulumi_aws as aws


class AccountGuards(pulumi.ComponentResource):
    """New volumes are encrypted, no snapshot and no bucket can be made public.

    Other stacks of the account rely on them too, so destroying this one leaves them on (`retain_on_delete`).
    """

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:encryption:AccountGuards", name, None, opts)
        kept = pulumi.ResourceOptions(parent=self, retain_on_delete=True)
        aws.ebs.EncryptionByDefault("ebs-encryption-by-default", enabled=True, opts=kept)
        aws.ebs.SnapshotBlockPublicAccess("snapshots-not-public", state="block-all-sharing", opts=kept)
        aws.s3.AccountPublicAccessBlock(
            "buckets-not-public",
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=kept,
        )
        self.register_outputs({})
