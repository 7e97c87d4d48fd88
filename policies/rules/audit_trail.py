"""Activity is recorded, kept and protected."""

from policies.rules.keys import own_key
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule
from policies.rules.services import allow_inherited

CONTROL_PLANE_LOGS = {"api", "audit", "authenticator", "controllerManager", "scheduler"}
SIX_YEARS_DAYS = 2192
"""Six years with two leap days. So long 164.316(b)(2)(i) keeps documentation, in which it counts the records of actions
that must be documented; that logs are such records, it does not say."""
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"


@resource_rule(
    "eks-cluster-logs-enabled",
    "aws:eks/cluster:Cluster",
    severity=Severity.HIGH,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D) 308(a)(5)(ii)(C)"),
    remediation="list api, audit, authenticator, controllerManager and scheduler in enabledClusterLogTypes.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html",
)
def eks_cluster_logs_enabled(cluster: Resource) -> Findings:
    """The control plane records who did what, in all five of its logs."""
    missing = CONTROL_PLANE_LOGS.difference(cluster.items("enabledClusterLogTypes"))
    if missing:
        yield f"enabledClusterLogTypes lacks {', '.join(sorted(missing))}"


@resource_rule(
    "log-group-encrypted",
    LOG_GROUP,
    severity=Severity.MEDIUM,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation="set kmsKeyId to the ARN of a customer-managed key.",
    link="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
)
def log_group_encrypted(group: Resource) -> Findings:
    """Log groups are encrypted with a customer-managed KMS key."""
    if not own_key(group.props.get("kmsKeyId")):
        yield f"kmsKeyId is {group.props.get('kmsKeyId') or 'unset'}, expected a customer-managed key"


@resource_rule(
    "log-group-retained",
    LOG_GROUP,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(b) 308(a)(1)(ii)(D) 316(b)(2)(i)"),
    remediation=f"set retentionInDays to {SIX_YEARS_DAYS} or more, or leave it out to keep logs for ever.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/cw-loggroup-retention-period-check.html",
)
def log_group_retained(group: Resource) -> Findings:
    """Logs are kept for as long as documentation is, six years."""
    days = group.props.get("retentionInDays") or 0  # 0 and unset keep them for ever
    if 0 < days < SIX_YEARS_DAYS:
        yield f"retentionInDays is {days:.0f}, expected {SIX_YEARS_DAYS} or more"


@relation_rule(
    "vpc-flow-logs-enabled",
    "aws:ec2/vpc:Vpc",
    severity=Severity.MEDIUM,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D)"),
    remediation="add a FlowLog for the VPC with trafficType ALL.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/vpc-flow-logs-enabled.html",
)
def vpc_flow_logs_enabled(vpc: Resource, stack: Stack) -> Findings:
    """Accepted and refused traffic of the VPC is recorded."""
    found = stack.attached(vpc, "aws:ec2/flowLog:FlowLog", by="vpcId")
    if not any((item.props.get("trafficType") or "ALL") == "ALL" for item in found):
        yield "no FlowLog with trafficType ALL names the VPC"


@relation_rule(
    "dns-queries-logged",
    "aws:ec2/vpc:Vpc",
    severity=Severity.MEDIUM,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D)"),
    remediation="add a ResolverQueryLogConfig, and a ResolverQueryLogConfigAssociation for the VPC.",
    link="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html",
)
def dns_queries_logged(vpc: Resource, stack: Stack) -> Findings:
    """Every name that is asked for in the VPC is recorded: names are a way out that needs no route."""
    kind = "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation"
    if not stack.attached(vpc, kind, by="resourceId"):
        allow_inherited(stack, "dns-query-logs")
        yield "no ResolverQueryLogConfigAssociation names the VPC"
