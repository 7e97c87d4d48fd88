"""What lets auditors read the records of the control plane and of the gateway, and no other log."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import policy_document


@dataclass(frozen=True)
class AuditorPolicyArgs:
    """`log_group` is the name of the group of the control plane's logs, `key_arn` the key that encrypts them.

    `bucket_arn` is the archive of the gateway's records, `archive_key_arn` its key.
    """

    context: Context
    log_group: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    bucket_arn: pulumi.Input[str]
    archive_key_arn: pulumi.Input[str]


class AuditorPolicy(pulumi.ComponentResource):
    """A policy to attach to the auditors' roles. CloudTrail records who reads, and what they look for."""

    arn: pulumi.Output[str]

    def __init__(self, name: str, args: AuditorPolicyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:audit:AuditorPolicy", name, None, opts)
        account = args.context.account
        group = account.arn("logs", pulumi.Output.concat("log-group:", args.log_group))
        policy = aws.iam.Policy(
            "auditor-policy",
            name=f"{args.context.name}-auditor",
            description="Reads the logs of the cluster's control plane and the audit records of the gateway",
            policy=policy_document(
                {
                    "Sid": "ReadControlPlaneLogs",
                    "Effect": "Allow",
                    "Action": [
                        "logs:DescribeLogStreams",
                        "logs:FilterLogEvents",
                        "logs:GetLogEvents",
                    ],
                    "Resource": [group, pulumi.Output.concat(group, ":*")],
                },
                {
                    "Sid": "DecryptThroughLogs",
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Resource": args.key_arn,
                    "Condition": {
                        "StringEquals": {
                            "kms:ViaService": f"logs.{account.region}.amazonaws.com",
                            "kms:EncryptionContext:aws:logs:arn": group,
                        }
                    },
                },
                {"Sid": "ListRecords", "Effect": "Allow", "Action": "s3:ListBucket", "Resource": args.bucket_arn},
                {
                    "Sid": "ReadRecords",
                    "Effect": "Allow",
                    "Action": ["s3:GetObject", "s3:GetObjectVersion"],
                    "Resource": pulumi.Output.concat(args.bucket_arn, "/*"),
                },
                {
                    "Sid": "DecryptThroughS3",
                    "Effect": "Allow",
                    "Action": "kms:Decrypt",
                    "Resource": args.archive_key_arn,
                    "Condition": {"StringEquals": {"kms:ViaService": f"s3.{account.region}.amazonaws.com"}},
                },
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn = policy.arn
        self.register_outputs({"arn": self.arn})
