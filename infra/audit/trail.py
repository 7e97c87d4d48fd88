"""CloudTrail: who called which API of AWS, and who read or wrote a model. 164.312(b)."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import assumed_by_service, policy_document

_SELECTOR = aws.cloudtrail.TrailAdvancedEventSelectorArgs
_FIELD = aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs


@dataclass(frozen=True)
class TrailArgs:
    """Records go to `bucket`. Every request for objects of `model_bucket_arn` and `gateway_records_arn` is recorded, and
    every one but writes, which are AWS's own, for objects of `archive_arns`.
    """

    context: Context
    bucket: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    model_bucket_arn: pulumi.Input[str]
    gateway_records_arn: pulumi.Input[str]
    archive_arns: Sequence[pulumi.Input[str]]


def trail_arn(context: Context) -> pulumi.Output[str]:
    """Known before the trail exists, so that its bucket's policy can name it."""
    return context.account.arn("cloudtrail", f"trail/{context.name}")


class Trail(pulumi.ComponentResource):
    """A trail of all regions with validated, encrypted log files, and the same records in a log group for alarms.

    Destroying it is refused in a protected stack. Where it is destroyed, recording stops and the log group goes; the
    same records are in the archive, which stays or goes as LogArchive says.
    """

    log_group: pulumi.Output[str]

    def __init__(self, name: str, args: TrailArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:Trail", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        context = args.context
        group = aws.cloudwatch.LogGroup(
            "cloudtrail-logs",
            name=f"/{context.name}/cloudtrail",
            kms_key_id=args.logs_key_arn,
            retention_in_days=context.log_retention_days,
            opts=self._here,
        )
        role, writes = self._role(group)
        aws.cloudtrail.Trail(
            "cloudtrail",
            name=context.name,
            s3_bucket_name=args.bucket,
            kms_key_id=args.key_arn,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            cloud_watch_logs_group_arn=pulumi.Output.concat(group.arn, ":*"),
            cloud_watch_logs_role_arn=role.arn,
            advanced_event_selectors=self._selectors(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[writes], protect=context.deletion_protection),
        )
        self.log_group = group.name
        self.register_outputs({"log_group": self.log_group})

    def _role(self, group: aws.cloudwatch.LogGroup) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        context = self._args.context
        role = aws.iam.Role(
            "cloudtrail-role",
            name=f"{context.name}-cloudtrail",
            # CloudTrail is not documented to tell its source here; only a trail of this account can be given the role.
            assume_role_policy=assumed_by_service("cloudtrail.amazonaws.com"),
            opts=self._here,
        )
        # CloudTrail names its streams <account>_CloudTrail_<region>.
        streams = pulumi.Output.concat(group.arn, ":log-stream:", context.account.id, "_CloudTrail_*")
        policy = aws.iam.Policy(
            "cloudtrail-policy",
            name=f"{context.name}-cloudtrail",
            policy=policy_document(
                {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": streams}
            ),
            opts=self._here,
        )
        attachment = aws.iam.RolePolicyAttachment(
            "cloudtrail-writes", role=role.name, policy_arn=policy.arn, opts=self._here
        )
        return role, attachment

    def _selectors(self) -> list[aws.cloudtrail.TrailAdvancedEventSelectorArgs]:
        """Delivering a log file is a write to the archive: recorded, it would bring forth the next one, for ever."""
        return [
            _SELECTOR(name="Management events", field_selectors=[_FIELD(field="eventCategory", equals=["Management"])]),
            _SELECTOR(
                name="Reads and writes of models",
                field_selectors=_objects_of([self._args.model_bucket_arn, self._args.gateway_records_arn]),
            ),
            _SELECTOR(
                name="Reads and deletions of audit records",
                field_selectors=[
                    *_objects_of(self._args.archive_arns),
                    _FIELD(field="eventName", not_equals=["PutObject"]),
                ],
            ),
        ]


def _objects_of(
    buckets: Sequence[pulumi.Input[str]],
) -> list[aws.cloudtrail.TrailAdvancedEventSelectorFieldSelectorArgs]:
    return [
        _FIELD(field="eventCategory", equals=["Data"]),
        _FIELD(field="resources.type", equals=["AWS::S3::Object"]),
        _FIELD(field="resources.ARN", starts_withs=[pulumi.Output.concat(bucket, "/") for bucket in buckets]),
    ]
