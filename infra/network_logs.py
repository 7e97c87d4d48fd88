"""What the network records: every connection, and every name that was asked for. 164.312(b)."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.context import Context
from infra.policy_document import assumed_by_service, policy_document


@dataclass(frozen=True)
class NetworkLogsArgs:
    """`dns_queries` is false where the organisation records them centrally."""

    context: Context
    vpc_id: pulumi.Input[str]
    key_arn: pulumi.Input[str]
    dns_queries: bool


class NetworkLogs(pulumi.ComponentResource):
    """Flow logs and DNS query logs of a VPC, in log groups with our key and retention."""

    def __init__(self, name: str, args: NetworkLogsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:network:NetworkLogs", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        self._flow_logs()
        if args.dns_queries:
            self._dns_query_logs()
        self.register_outputs({})

    def _group(self, use: str) -> aws.cloudwatch.LogGroup:
        context = self._args.context
        return aws.cloudwatch.LogGroup(
            use,
            name=f"/{context.name}/{use}",
            kms_key_id=self._args.key_arn,
            retention_in_days=context.log_retention_days,
            opts=self._here,
        )

    def _flow_logs(self) -> None:
        """Accepted and refused connections, a record a minute."""
        group = self._group("flow-logs")
        role, attachment = self._flow_logs_role(group)
        aws.ec2.FlowLog(
            "flow-log",
            vpc_id=self._args.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[attachment]),
        )

    def _flow_logs_role(self, group: aws.cloudwatch.LogGroup) -> tuple[aws.iam.Role, aws.iam.RolePolicyAttachment]:
        context = self._args.context
        role = aws.iam.Role(
            "flow-logs-role",
            name=f"{context.name}-flow-logs",
            assume_role_policy=assumed_by_service(
                "vpc-flow-logs.amazonaws.com",
                StringEquals={"aws:SourceAccount": context.account.id},
                ArnLike={"aws:SourceArn": context.account.arn("ec2", "vpc-flow-log/*")},
            ),
            opts=self._here,
        )
        policy = aws.iam.Policy(
            "flow-logs-policy",
            name=f"{context.name}-flow-logs",
            policy=policy_document(
                {
                    "Effect": "Allow",
                    "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    "Resource": [group.arn, pulumi.Output.concat(group.arn, ":*")],
                }
            ),
            opts=self._here,
        )
        return role, aws.iam.RolePolicyAttachment(
            "flow-logs-write", role=role.name, policy_arn=policy.arn, opts=self._here
        )

    def _dns_query_logs(self) -> None:
        """A name that was looked up is how data leaves a network that has no other way out."""
        config = aws.route53.ResolverQueryLogConfig(
            "dns-query-log-config",
            name=f"{self._args.context.name}-dns-queries",
            destination_arn=self._group("dns-queries").arn,
            opts=self._here,
        )
        aws.route53.ResolverQueryLogConfigAssociation(
            "dns-query-log-association",
            resolver_query_log_config_id=config.id,
            resource_id=self._args.vpc_id,
            opts=self._here,
        )
