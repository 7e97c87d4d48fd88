"""S3 buckets, hardened in one place: private, encrypted, versioned, reached over TLS only."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import policy_document

Statement = dict[str, Any]


@dataclass(frozen=True)
class Lifecycle:
    """Days after which an object goes to Glacier Instant Retrieval, expires, and is gone once replaced or deleted.

    An object lock goes before: S3 removes no locked version.
    """

    noncurrent_days: int
    expire_days: int | None = None
    glacier_days: int | None = None


@dataclass(frozen=True)
class ObjectLock:
    """Default retention of every new version: GOVERNANCE yields to a special permission, COMPLIANCE to nobody."""

    days: int
    mode: Literal["COMPLIANCE", "GOVERNANCE"]


@dataclass(frozen=True)
class PrivateBucketArgs:
    """What differs between buckets.

    `key_arn` is None, for keys of S3's own, only where the service that writes can use no other. `access_logs` is the
    bucket that records requests, None for that bucket itself. `statements` adds to the policy, given the bucket's ARN.
    `other_encryption_by` names the AWS service, if any, that encrypts part of what it writes with S3's own keys.
    `retained` buckets hold records that outlive the stack: nobody deletes from them, and destroying the stack leaves
    them, with their settings, in the account.
    """

    context: Context
    key_arn: pulumi.Input[str] | None
    access_logs: pulumi.Input[str] | None
    lifecycle: Lifecycle
    lock: ObjectLock | None = None
    statements: Callable[[pulumi.Output[str]], Sequence[Statement]] = lambda _: ()
    other_encryption_by: str | None = None
    retained: bool = False


class PrivateBucket(pulumi.ComponentResource):
    """A bucket `<stack>-<name>-…` of which nothing is public and every request is made over TLS 1.2 or later.

    Destroying it: refused in a protected stack; otherwise the bucket goes with all that is in it, including versions
    under a GOVERNANCE lock. A `retained` bucket stays.
    """

    bucket: pulumi.Output[str]
    """The bucket's name, known once its settings are in place: whoever knows it finds it closed."""
    arn: pulumi.Output[str]

    def __init__(self, name: str, args: PrivateBucketArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:storage:PrivateBucket", name, None, opts)
        self._name, self._args = name, args
        self._here = pulumi.ResourceOptions(parent=self, retain_on_delete=args.retained)
        protected = args.context.deletion_protection
        self._bucket = aws.s3.Bucket(
            f"{args.context.name}-{name}",
            force_destroy=not protected,
            object_lock_enabled=args.lock is not None,
            opts=pulumi.ResourceOptions.merge(self._here, pulumi.ResourceOptions(protect=protected)),
        )
        self.arn = self._bucket.arn
        settings = [*self._access(), *self._data(), self._policy()]
        self.bucket = pulumi.Output.all(self._bucket.bucket, *[each.id for each in settings]).apply(
            lambda known: str(known[0])
        )
        self.register_outputs({"bucket": self.bucket})

    def _access(self) -> list[pulumi.CustomResource]:
        bucket, name, s3 = self._bucket.bucket, self._name, aws.s3
        settings: list[pulumi.CustomResource] = [
            s3.BucketPublicAccessBlock(
                f"{name}-public-access",
                bucket=bucket,
                block_public_acls=True,
                block_public_policy=True,
                ignore_public_acls=True,
                restrict_public_buckets=True,
                opts=self._here,
            ),
            s3.BucketOwnershipControls(
                f"{name}-ownership",
                bucket=bucket,
                rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
                opts=self._here,
            ),
        ]
        if self._args.access_logs is not None:
            settings.append(
                s3.BucketLogging(
                    f"{name}-logging",
                    bucket=bucket,
                    target_bucket=self._args.access_logs,
                    target_prefix=f"s3/{name}/",
                    opts=self._here,
                )
            )
        return settings

    def _data(self) -> list[pulumi.CustomResource]:
        bucket, name, args, s3 = self._bucket.bucket, self._name, self._args, aws.s3
        versioning = s3.BucketVersioning(
            f"{name}-versioning",
            bucket=bucket,
            versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
            opts=self._here,
        )
        # S3 refuses a lock, and rules about replaced versions, on a bucket without versions.
        versioned = pulumi.ResourceOptions.merge(self._here, pulumi.ResourceOptions(depends_on=[versioning]))
        encryption = s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption", bucket=bucket, rules=[_encryption(args.key_arn)], opts=self._here
        )
        lifecycle = s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle", bucket=bucket, rules=[_lifecycle_rule(args.lifecycle)], opts=versioned
        )
        settings: list[pulumi.CustomResource] = [versioning, encryption, lifecycle]
        if args.lock:
            rule = s3.BucketObjectLockConfigurationRuleArgs(
                default_retention=s3.BucketObjectLockConfigurationRuleDefaultRetentionArgs(
                    mode=args.lock.mode, days=args.lock.days
                )
            )
            settings.append(s3.BucketObjectLockConfiguration(f"{name}-lock", bucket=bucket, rule=rule, opts=versioned))
        return settings

    def _policy(self) -> aws.s3.BucketPolicy:
        args = self._args
        statements = [*_tls(self.arn), *args.statements(self.arn)]
        if args.key_arn is not None:
            statements.append(_own_key(self.arn, args.key_arn, except_for=args.other_encryption_by))
        if args.retained and not args.lock:
            statements.append(_no_deletion(self.arn))
        return aws.s3.BucketPolicy(
            f"{self._name}-policy",
            bucket=self._bucket.bucket,
            policy=policy_document(*statements),
            opts=self._here,
        )


def _encryption(key_arn: pulumi.Input[str] | None) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgs:
    default = aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs(
        sse_algorithm="AES256" if key_arn is None else "aws:kms", kms_master_key_id=key_arn
    )
    return aws.s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=default, bucket_key_enabled=key_arn is not None
    )


def _lifecycle_rule(days: Lifecycle) -> aws.s3.BucketLifecycleConfigurationRuleArgs:
    s3 = aws.s3
    return s3.BucketLifecycleConfigurationRuleArgs(
        id="all-objects",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        transitions=[
            s3.BucketLifecycleConfigurationRuleTransitionArgs(days=days.glacier_days, storage_class="GLACIER_IR")
        ]
        if days.glacier_days
        else None,
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days.expire_days)
        if days.expire_days
        else None,
        noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=days.noncurrent_days
        ),
        abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=7
        ),
    )


def _deny(sid: str, action: str | list[str], resource: object, condition: object = None) -> Statement:
    statement = {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": action, "Resource": resource}
    return statement | ({"Condition": condition} if condition else {})


def _objects(arn: pulumi.Output[str]) -> pulumi.Output[str]:
    return pulumi.Output.concat(arn, "/*")


def _tls(arn: pulumi.Output[str]) -> list[Statement]:
    both = [arn, _objects(arn)]
    return [
        _deny("TlsOnly", "s3:*", both, {"Bool": {"aws:SecureTransport": "false"}}),
        _deny("CurrentTlsOnly", "s3:*", both, {"NumericLessThan": {"s3:TlsVersion": "1.2"}}),
    ]


def _own_key(arn: pulumi.Output[str], key_arn: pulumi.Input[str], *, except_for: str | None) -> Statement:
    """Whoever names an encryption names our key; where none is named, the bucket's default is our key.

    Naming `aws:kms` without a key would be AWS's own key, so that it is refused too:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/specifying-kms-encryption.html
    """
    condition: dict[str, Any] = {
        "Null": {"s3:x-amz-server-side-encryption": "false"},
        "ArnNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": key_arn},
    }
    if except_for:
        condition["StringNotEqualsIfExists"] = {"aws:PrincipalServiceName": except_for}
    return _deny("OwnKeyOnly", "s3:PutObject", _objects(arn), condition)


def _no_deletion(arn: pulumi.Output[str]) -> Statement:
    """Stands in for the lock. It can be lifted by changing the policy, which raises an alarm."""
    return _deny("NoDeletion", ["s3:DeleteObject", "s3:DeleteObjectVersion"], _objects(arn))
