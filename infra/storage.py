"""Where models lie."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.buckets import Lifecycle, ObjectLock, PrivateBucket, PrivateBucketArgs
from infra.context import Context
from infra.model_repository import ModelRepository

REPLACED_MODEL_DAYS = 90
"""A replaced file of a model stays for a quarter, so that what it answered can still be reproduced."""
LOCKED_DAYS = 90
"""For as long nobody without a special permission takes away, or changes, a model that answers."""


@dataclass(frozen=True)
class ModelStoreArgs:
    """`model` is uploaded file by file under its prefix; `access_logs` is the bucket that records each request."""

    context: Context
    key_arn: pulumi.Input[str]
    access_logs: pulumi.Input[str]
    model: ModelRepository


class ModelStore(pulumi.ComponentResource):
    """A private bucket with the built model in it, and the earlier ones. Destroying it: as PrivateBucket says."""

    bucket: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    key_arn: pulumi.Input[str]
    model_uri: pulumi.Output[str]

    def __init__(self, name: str, args: ModelStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:storage:ModelStore", name, None, opts)
        self._args = args
        bucket = PrivateBucket(
            "models",
            PrivateBucketArgs(
                args.context,
                key_arn=args.key_arn,
                access_logs=args.access_logs,
                lifecycle=Lifecycle(noncurrent_days=REPLACED_MODEL_DAYS),
                lock=ObjectLock(LOCKED_DAYS, "GOVERNANCE"),
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket, self.bucket_arn, self.key_arn = bucket.bucket, bucket.arn, args.key_arn
        objects = self._upload()
        # Known once every file is there, so that no workload starts before its model can be fetched.
        self.model_uri = pulumi.Output.all(self.bucket, *[each.id for each in objects]).apply(
            lambda known: f"s3://{known[0]}/{args.model.prefix}"
        )
        self.register_outputs({"bucket": self.bucket})

    def _upload(self) -> list[aws.s3.BucketObjectv2]:
        model = self._args.model
        return [
            aws.s3.BucketObjectv2(
                f"model-{file.path.replace('/', '-')}",
                bucket=self.bucket,
                key=f"{model.prefix}/{file.path}",
                source=pulumi.FileAsset(str(model.root / file.path)),
                source_hash=file.sha256,
                server_side_encryption="aws:kms",
                kms_key_id=self._args.key_arn,
                # An earlier model is under the lock, and stays beside the new one; they go with the bucket.
                opts=pulumi.ResourceOptions(parent=self, retain_on_delete=True),
            )
            for file in model.files
        ]
