"""Where models and images lie."""

from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.model_repository import ModelRepository
from infra.policy_document import policy_document


@dataclass(frozen=True)
class ModelStoreArgs:
    """`model` is uploaded file by file under its prefix."""

    context: Context
    key_arn: pulumi.Input[str]
    model: ModelRepository


class ModelStore(pulumi.ComponentResource):
    """A versioned bucket that only takes TLS and only our key, with the built model in it."""

    bucket: pulumi.Output[str]
    bucket_arn: pulumi.Output[str]
    key_arn: pulumi.Input[str]
    model_uri: pulumi.Output[str]

    def __init__(self, name: str, args: ModelStoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:storage:ModelStore", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        self._bucket = aws.s3.Bucket(
            f"{args.context.name}-models",
            force_destroy=not args.context.deletion_protection,
            opts=pulumi.ResourceOptions(parent=self, protect=args.context.deletion_protection),
        )
        settings = [*self._protection(), self._policy()]
        objects = self._upload(after=settings)
        self.bucket = self._bucket.bucket
        self.bucket_arn, self.key_arn = self._bucket.arn, args.key_arn
        # Known once every file is there, so that no workload starts before its model can be fetched.
        self.model_uri = pulumi.Output.all(self.bucket, *[each.id for each in objects]).apply(
            lambda known: f"s3://{known[0]}/{args.model.prefix}"
        )
        self.register_outputs({"bucket": self.bucket})

    def _protection(self) -> list[pulumi.Resource]:
        bucket, here = self._bucket.bucket, self._here
        s3 = aws.s3
        return [
            s3.BucketPublicAccessBlock(
                "models-public-access",
                bucket=bucket,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
                opts=here,
            ),
            s3.BucketOwnershipControls(
                "models-ownership",
                bucket=bucket,
                rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
                opts=here,
            ),
            s3.BucketVersioning(
                "models-versioning",
                bucket=bucket,
                versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
                opts=here,
            ),
            s3.BucketServerSideEncryptionConfiguration(
                "models-encryption",
                bucket=bucket,
                rules=[
                    s3.BucketServerSideEncryptionConfigurationRuleArgs(
                        apply_server_side_encryption_by_default=s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
                            sse_algorithm="aws:kms", kms_master_key_id=self._args.key_arn
                        ),
                        bucket_key_enabled=True,
                    )
                ],
                opts=here,
            ),
            s3.BucketLifecycleConfiguration("models-lifecycle", bucket=bucket, rules=_lifecycle(), opts=here),
        ]

    def _policy(self) -> pulumi.Resource:
        everything: dict[str, Any] = {"Effect": "Deny", "Principal": "*"}
        both = [self._bucket.arn, pulumi.Output.concat(self._bucket.arn, "/*")]
        key_header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        return aws.s3.BucketPolicy(
            "models-policy",
            bucket=self._bucket.bucket,
            policy=policy_document(
                everything
                | {
                    "Sid": "TlsOnly",
                    "Action": "s3:*",
                    "Resource": both,
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                },
                everything
                | {
                    "Sid": "CurrentTlsOnly",
                    "Action": "s3:*",
                    "Resource": both,
                    "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
                },
                everything
                | {
                    "Sid": "OwnKeyOnly",
                    "Action": "s3:PutObject",
                    "Resource": both[1],
                    "Condition": {"ArnNotEquals": {key_header: self._args.key_arn}},
                },
            ),
            opts=self._here,
        )

    def _upload(self, *, after: list[pulumi.Resource]) -> list[aws.s3.BucketObjectv2]:
        model = self._args.model
        return [
            aws.s3.BucketObjectv2(
                f"model-{file.path.replace('/', '-')}",
                bucket=self._bucket.bucket,
                key=f"{model.prefix}/{file.path}",
                source=pulumi.FileAsset(str(model.root / file.path)),
                source_hash=file.sha256,
                server_side_encryption="aws:kms",
                kms_key_id=self._args.key_arn,
                opts=pulumi.ResourceOptions(parent=self, depends_on=after),
            )
            for file in model.files
        ]


def _lifecycle() -> list[aws.s3.BucketLifecycleConfigurationRuleArgs]:
    s3 = aws.s3
    return [
        s3.BucketLifecycleConfigurationRuleArgs(
            id="replaced-models",
            status="Enabled",
            filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix="models/"),
            noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=90
            ),
            abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                days_after_initiation=7
            ),
        )
    ]
