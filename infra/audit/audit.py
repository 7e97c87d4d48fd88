"""The audit of a stack as a whole: records, detection, alarms and backups, without what the organisation has."""

from dataclasses import dataclass

import pulumi

from infra.audit.alarms import Alarms, AlarmsArgs
from infra.audit.auditor_policy import AuditorPolicy, AuditorPolicyArgs
from infra.audit.backups import Backups, BackupsArgs
from infra.audit.detection import Detection, DetectionArgs
from infra.audit.findings import Findings, FindingsArgs
from infra.audit.log_archive import LogArchive
from infra.audit.recorder import Recorder, RecorderArgs
from infra.audit.topic import SecurityTopic, SecurityTopicArgs
from infra.audit.trail import Trail, TrailArgs
from infra.context import Context


@dataclass(frozen=True)
class AuditArgs:
    """`archive` says what is inherited; `cluster_log_group` is the group of the control plane's logs."""

    context: Context
    archive: LogArchive
    archive_key_arn: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]
    topics_key_arn: pulumi.Input[str]
    backups_key_arn: pulumi.Input[str]
    model_bucket_arn: pulumi.Input[str]
    cluster_log_group: pulumi.Input[str]
    security_contact: str


class Audit(pulumi.ComponentResource):
    """Everything that records and watches. What is left when it is destroyed, each part says."""

    topic_arn: pulumi.Output[str]
    auditor_policy_arn: pulumi.Output[str]
    """Policy that lets its holders read the control plane's logs and the gateway's records."""

    def __init__(self, name: str, args: AuditArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:Audit", name, None, opts)
        self._args, self._context = args, args.context
        self._here = pulumi.ResourceOptions(parent=self)
        inherited = args.archive.inherited
        trail, recorder = self._trail(), self._recorder()
        Detection(
            "detection",
            DetectionArgs(self._context, inherited),
            pulumi.ResourceOptions(parent=self, depends_on=[recorder] if recorder else None),
        )
        topic = SecurityTopic(
            "security-topic",
            SecurityTopicArgs(self._context, key_arn=args.topics_key_arn, contact=args.security_contact),
            self._here,
        )
        self.topic_arn = topic.arn
        Alarms(
            "alarms",
            AlarmsArgs(self._context, topic.arn, args.cluster_log_group, trail.log_group if trail else None),
            self._here,
        )
        self.auditor_policy_arn = AuditorPolicy(
            "auditor-policy",
            AuditorPolicyArgs(
                self._context,
                args.cluster_log_group,
                args.logs_key_arn,
                bucket_arn=args.archive.gateway.arn,
                archive_key_arn=args.archive_key_arn,
            ),
            self._here,
        ).arn
        Findings("findings", FindingsArgs(self._context, topic.arn, inherited), self._here)
        if "backup" not in inherited:
            models = {"models": args.model_bucket_arn}
            Backups("backups", BackupsArgs(self._context, args.backups_key_arn, models), self._here)
        self.register_outputs({"topic_arn": self.topic_arn, "auditor_policy_arn": self.auditor_policy_arn})

    def _trail(self) -> Trail | None:
        args, bucket = self._args, self._args.archive.trail
        if bucket is None:
            return None
        return Trail(
            "trail",
            TrailArgs(
                self._context,
                bucket=bucket.bucket,
                key_arn=args.archive_key_arn,
                logs_key_arn=args.logs_key_arn,
                model_bucket_arn=args.model_bucket_arn,
                gateway_records_arn=args.archive.gateway.arn,
                archive_arns=args.archive.bucket_arns,
            ),
            self._here,
        )

    def _recorder(self) -> Recorder | None:
        bucket = self._args.archive.configuration
        if bucket is None:
            return None
        return Recorder(
            "configuration-recorder",
            RecorderArgs(self._context, bucket=bucket.bucket, key_arn=self._args.archive_key_arn),
            self._here,
        )
