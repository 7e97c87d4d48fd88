"""CloudWatch Container Insights: metrics of the cluster and the logs of its nodes and containers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws as aws

from infra.addons.addon import install
from infra.cluster import Cluster
from infra.context import Context
from infra.identity import WorkloadIdentity, WorkloadIdentityArgs
from infra.policy_document import policy_document

ADDON = "amazon-cloudwatch-observability"
STREAMS = ("application", "dataplane", "host", "performance")
"""Last parts of the log groups that the agents write to: containers, node agents, system, metrics."""

_OFF = {"enabled": False}
_CONFIGURATION: Mapping[str, Any] = {
    "containerInsights": {"enabled": True},
    "containerLogs": {"enabled": True},
    # It would inject containers into every pod, and send traces of requests, which may carry PHI.
    "applicationSignals": _OFF,
    "manager": {"applicationSignals": {"autoMonitor": {"monitorAllServices": False}}},
    # These come from registries on the internet, which nothing here reaches.
    "otelContainerInsights": _OFF,
    "kubeStateMetrics": _OFF,
    "nodeExporter": _OFF,
    # No node has AWS's own accelerators.
    "neuronMonitor": _OFF,
}


@dataclass(frozen=True)
class ContainerInsightsArgs:
    """Logs are encrypted with the key and kept as long as the context says."""

    context: Context
    cluster: Cluster
    logs_key_arn: pulumi.Input[str]


class ContainerInsights(pulumi.ComponentResource):
    """The CloudWatch agent and Fluent Bit, their role, and the log groups that they write to.

    What containers write to their output ends in the group `application`. The gateway, Triton and FastAPI write no text
    of a request there; whatever else a fork runs must not either.
    """

    log_group_names: tuple[str, ...]

    def __init__(self, name: str, args: ContainerInsightsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:cluster:ContainerInsights", name, None, opts)
        self._here = pulumi.ResourceOptions(parent=self)
        self.log_group_names = tuple(f"/aws/containerinsights/{args.context.name}/{stream}" for stream in STREAMS)
        groups = self._log_groups(args)
        identity = self._identity(name, args, groups)
        install(
            ADDON,
            args.cluster,
            parent=self,
            configuration=_CONFIGURATION,
            role_arn=identity.role_arn,
            depends_on=groups,
        )
        self.register_outputs({"log_group_names": list(self.log_group_names)})

    def _log_groups(self, args: ContainerInsightsArgs) -> list[aws.cloudwatch.LogGroup]:
        """The agents would make these themselves, without a key and for ever."""
        return [
            aws.cloudwatch.LogGroup(
                f"container-insights-{stream}",
                name=name,
                kms_key_id=args.logs_key_arn,
                retention_in_days=args.context.log_retention_days,
                opts=self._here,
            )
            for stream, name in zip(STREAMS, self.log_group_names, strict=True)
        ]

    def _identity(
        self, name: str, args: ContainerInsightsArgs, groups: Sequence[aws.cloudwatch.LogGroup]
    ) -> WorkloadIdentity:
        """One role, because the agent and Fluent Bit share a service account."""
        role_name = f"{args.context.name}-cloudwatch-agent"
        policy = aws.iam.Policy(
            f"{name}-policy", name=role_name, policy=policy_document(*_statements(groups)), opts=self._here
        )
        return WorkloadIdentity(
            f"{name}-identity",
            WorkloadIdentityArgs(
                name=role_name,
                issuer=args.cluster.issuer,
                namespace="amazon-cloudwatch",
                service_account="cloudwatch-agent",
                policy_arn=policy.arn,
            ),
            self._here,
        )


def _statements(groups: Sequence[aws.cloudwatch.LogGroup]) -> list[dict[str, Any]]:
    """What is left of AWS's CloudWatchAgentServerPolicy for this use.

    Metrics travel as log events (embedded metric format), so nothing is put to CloudWatch directly; the groups exist, so
    that none may be created, nor a retention changed.
    """
    return [
        {
            "Sid": "WriteOwnLogs",
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [
                resource for group in groups for resource in (group.arn, pulumi.Output.concat(group.arn, ":*"))
            ],
        },
        {
            "Sid": "NameInstancesAndVolumes",
            "Effect": "Allow",
            "Action": ["ec2:DescribeTags", "ec2:DescribeVolumes"],
            "Resource": "*",
        },
    ]
