"""Where audit records are kept for as long as HIPAA asks: 164.316(b)(2)(i).

There are four buckets because the services that write differ in what they accept:

| bucket | written by | key | kept by |
|---|---|---|---|
| `trail` | CloudTrail | ours | Object Lock |
| `gateway-audit` | the collector of the gateway's audit records | ours | Object Lock |
| `configuration` | AWS Config, which delivers to no bucket with Object Lock [1] | ours | a policy against deletion |
| `access-logs` | S3 [2] and load balancers [3], with S3's own keys only, and S3 under no Object Lock | S3's | same |

[1] https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-deliverychannel.html
[2] https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
[3] https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pulumi

from infra.audit.record_writers import (
    LOAD_BALANCER_PREFIX,
    access_log_writers,
    configuration_writer,
    trail_writer,
)
from infra.buckets import Lifecycle, ObjectLock, PrivateBucket, PrivateBucketArgs, Statement
from infra.context import Context

__all__ = ["LOAD_BALANCER_PREFIX", "LogArchive", "LogArchiveArgs"]

GLACIER_DAYS = 90
"""Records of the last quarter are searched often; older ones may cost more to read than to keep."""
DELETED_DAYS = 30
"""Time to notice that somebody deleted a record where no lock prevents it."""


@dataclass(frozen=True)
class LogArchiveArgs:
    """`inherited` names the services that somebody else runs; `cloudtrail` and `config` then get no bucket here."""

    context: Context
    key_arn: pulumi.Input[str]
    inherited: frozenset[str] = frozenset()


class LogArchive(pulumi.ComponentResource):
    """Buckets for the records of CloudTrail, AWS Config and the gateway, and for the access logs of buckets and load balancers.

    Destroying a protected stack leaves them in the account, closed as they were: the records are due for six years,
    and those of trail and gateway cannot be deleted by anybody before. Of an unprotected stack nothing remains; one that was
    protected once keeps a trail bucket whose COMPLIANCE locks outlast it, and `pulumi state delete` takes it off the
    stack.
    """

    access_logs: pulumi.Output[str]
    """Name of the bucket that takes access logs, known once its policy admits their writers."""
    trail: PrivateBucket | None
    configuration: PrivateBucket | None
    gateway: PrivateBucket
    """Records of who asked the gateway; always the stack's own."""
    bucket_arns: list[pulumi.Output[str]]
    """Of the buckets that AWS writes to."""
    inherited: frozenset[str]

    def __init__(self, name: str, args: LogArchiveArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:LogArchive", name, None, opts)
        self._args, self.inherited = args, args.inherited
        access_logs = self._access_logs()
        self.access_logs = access_logs.bucket
        self.trail = None if "cloudtrail" in args.inherited else self._trail()
        self.configuration = None if "config" in args.inherited else self._configuration()
        self.gateway = self._gateway()
        made = (access_logs, self.trail, self.configuration)
        self.bucket_arns = [bucket.arn for bucket in made if bucket]
        self.register_outputs({"access_logs": self.access_logs})

    def _access_logs(self) -> PrivateBucket:
        """It records no requests of its own: each record would be a request, and bring forth the next one."""
        return self._bucket("access-logs", access_log_writers, key_arn=None, access_logs=None)

    def _trail(self) -> PrivateBucket:
        """AWS's pages say of CloudTrail's digest files both that they get the trail's key and that they get S3's own."""
        return self._bucket(
            "trail",
            trail_writer,
            key_arn=self._args.key_arn,
            access_logs=self.access_logs,
            lock=self._lock(),
            other_encryption_by="cloudtrail.amazonaws.com",
        )

    def _gateway(self) -> PrivateBucket:
        """Its one writer is a role of this account, which needs no statement of the bucket's."""
        return self._bucket(
            "gateway-audit",
            lambda *_: [],
            key_arn=self._args.key_arn,
            access_logs=self.access_logs,
            lock=self._lock(),
        )

    def _lock(self) -> ObjectLock:
        context = self._args.context
        return ObjectLock(context.log_retention_days, "COMPLIANCE" if context.deletion_protection else "GOVERNANCE")

    def _configuration(self) -> PrivateBucket:
        return self._bucket(
            "configuration", configuration_writer, key_arn=self._args.key_arn, access_logs=self.access_logs
        )

    def _bucket(
        self,
        name: str,
        writers: Callable[[Context, pulumi.Output[str]], list[Statement]],
        *,
        key_arn: pulumi.Input[str] | None,
        access_logs: pulumi.Input[str] | None,
        lock: ObjectLock | None = None,
        other_encryption_by: str | None = None,
    ) -> PrivateBucket:
        context = self._args.context
        kept = Lifecycle(
            noncurrent_days=DELETED_DAYS, expire_days=context.log_retention_days, glacier_days=GLACIER_DAYS
        )
        return PrivateBucket(
            name,
            PrivateBucketArgs(
                context,
                key_arn,
                access_logs,
                kept,
                lock=lock,
                statements=partial(writers, context),
                other_encryption_by=other_encryption_by,
                retained=context.deletion_protection,
            ),
            pulumi.ResourceOptions(parent=self),
        )
