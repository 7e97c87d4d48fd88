"""AWS Config: what every resource of the account was at each moment, judged by rules for HIPAA. 164.308(a)(8)."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.audit import conformance_pack
from infra.context import Context

ROLE = "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
"""AWS Config's service-linked role, which its account has once; Security Hub control Config.1 asks for it."""


@dataclass(frozen=True)
class RecorderArgs:
    """Snapshots and histories go to `bucket`."""

    context: Context
    bucket: pulumi.Input[str]
    key_arn: pulumi.Input[str]


class Recorder(pulumi.ComponentResource):
    """Records every supported type, global ones too, at each change, and evaluates the HIPAA conformance pack.

    An account has one recorder in a region: where there is one already, declare `config` inherited. The
    service-linked role must exist. Destroying it, in any stack, stops recording and removes the pack with its results;
    the histories stay in the archive as LogArchive says.
    """

    def __init__(self, name: str, args: RecorderArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:Recorder", name, None, opts)
        context, here = args.context, pulumi.ResourceOptions(parent=self)
        recorder = aws.cfg.Recorder(
            "recorder",
            name=context.name,
            role_arn=context.account.role_arn(ROLE),
            recording_group=aws.cfg.RecorderRecordingGroupArgs(all_supported=True, include_global_resource_types=True),
            recording_mode=aws.cfg.RecorderRecordingModeArgs(recording_frequency="CONTINUOUS"),
            opts=here,
        )
        channel = aws.cfg.DeliveryChannel(
            "delivery-channel",
            name=context.name,
            s3_bucket_name=args.bucket,
            s3_kms_key_arn=args.key_arn,
            snapshot_delivery_properties=aws.cfg.DeliveryChannelSnapshotDeliveryPropertiesArgs(
                delivery_frequency="TwentyFour_Hours"
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recorder]),
        )
        recording = aws.cfg.RecorderStatus(
            "recording",
            name=recorder.name,
            is_enabled=True,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[channel]),
        )
        aws.cfg.ConformancePack(
            "hipaa-security",
            name=f"{context.name}-hipaa-security",
            template_body=conformance_pack.template(),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[recording]),
        )
        self.register_outputs({})
