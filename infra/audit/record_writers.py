"""Which AWS services may write records into a bucket, as statements of its policy, and for whom."""

from collections.abc import Mapping, Sequence

import pulumi

from infra.audit.trail import trail_arn
from infra.buckets import Statement
from infra.context import Context

LOAD_BALANCER_PREFIX = "load-balancer"
"""Where in the access-log bucket load balancers may write."""


def access_log_writers(context: Context, bucket: pulumi.Output[str]) -> list[Statement]:
    """S3, for the buckets of this stack, and load balancers of this account."""
    account = context.account
    own_buckets = pulumi.Output.concat("arn:", account.partition, f":s3:::{context.name}-*")
    return [
        {
            "Sid": "S3WritesAccessLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(bucket, "/s3/*"),
            "Condition": {
                "ArnLike": {"aws:SourceArn": own_buckets},
                "StringEquals": {"aws:SourceAccount": account.id},
            },
        },
        {
            # The account in the path keeps load balancers of other accounts out. Conditions on the source are not
            # documented for this service, and one that it does not meet would refuse every log:
            # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
            "Sid": "LoadBalancersWriteAccessLogs",
            "Effect": "Allow",
            "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(bucket, f"/{LOAD_BALANCER_PREFIX}/AWSLogs/", account.id, "/*"),
        },
    ]


def trail_writer(context: Context, bucket: pulumi.Output[str]) -> list[Statement]:
    """CloudTrail, for the stack's trail."""
    path = pulumi.Output.concat("AWSLogs/", context.account.id, "/*")
    return _writer("cloudtrail", bucket, path, ["s3:GetBucketAcl"], {"aws:SourceArn": trail_arn(context)})


def configuration_writer(context: Context, bucket: pulumi.Output[str]) -> list[Statement]:
    """AWS Config, for this account."""
    path = pulumi.Output.concat("AWSLogs/", context.account.id, "/Config/*")
    checks = ["s3:GetBucketAcl", "s3:ListBucket"]
    return _writer("config", bucket, path, checks, {"aws:SourceAccount": context.account.id})


def _writer(
    service: str,
    bucket: pulumi.Output[str],
    path: pulumi.Output[str],
    checks: Sequence[str],
    source: Mapping[str, pulumi.Input[str]],
) -> list[Statement]:
    """The service looks whether it may write, and writes below `path`, on behalf of `source` only."""
    admitted = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}}
    owned = {**source, "s3:x-amz-acl": "bucket-owner-full-control"}
    return [
        {
            "Sid": "WriterChecks",
            **admitted,
            "Action": checks,
            "Resource": bucket,
            "Condition": {"StringEquals": source},
        },
        {
            "Sid": "WriterWrites",
            **admitted,
            "Action": "s3:PutObject",
            "Resource": pulumi.Output.concat(bucket, "/", path),
            "Condition": {"StringEquals": owned},
        },
    ]
