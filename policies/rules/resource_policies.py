"""Policies that name whom a resource or a role admits, and on whose behalf."""

from policies.rules.documents import statements, unlimited
from policies.rules.exposure import BUCKETS
from policies.rules.resource import Resource
from policies.rules.rule import Findings, NotApplicable, Severity, links, resource_rule

LOG_POLICY = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
CARRIERS = (
    "aws:s3/bucketPolicy:BucketPolicy",
    LOG_POLICY,
    "aws:sns/topicPolicy:TopicPolicy",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:ecr/repositoryPolicy:RepositoryPolicy",
    "aws:backup/vaultPolicy:VaultPolicy",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
)
WITH_POLICY = (
    *BUCKETS,
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
    "aws:secretsmanager/secret:Secret",
)
"""Types that may carry such a policy themselves."""
CONFUSED_DEPUTY = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
TELL_THEIR_SOURCE = {
    "config.amazonaws.com",
    "eks.amazonaws.com",
    "events.amazonaws.com",
    "pods.eks.amazonaws.com",
    "scheduler.amazonaws.com",
    "ssm.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
}
"""Services whose documentation shows a condition on the source where they assume a role. EC2 and others have none."""


@resource_rule(
    "resource-policy-limited",
    *CARRIERS,
    *WITH_POLICY,
    severity=Severity.CRITICAL,
    evidence=links(direct="312(a)(1) 308(a)(4)(ii)(B)"),
    remediation="name principals; for AWS services add a condition such as aws:SourceAccount or aws:SourceArn.",
    link=CONFUSED_DEPUTY,
)
def resource_policy_limited(policy: Resource) -> Findings:
    """Buckets, topics and the like admit named principals to single actions, and AWS services for named sources only."""
    if policy.type in WITH_POLICY and not policy.props.get("policy"):
        raise NotApplicable("it carries no policy itself")
    yield from unlimited(policy.props["policyDocument" if policy.type == LOG_POLICY else "policy"])


@resource_rule(
    "iam-role-service-trust-limited",
    "aws:iam/role:Role",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(4)(ii)(B) 312(a)(1)"),
    remediation="add a condition on aws:SourceAccount or aws:SourceArn to the trust policy.",
    link=CONFUSED_DEPUTY,
)
def iam_role_service_trust_limited(role: Resource) -> Findings:
    """An AWS service assumes the role on behalf of named sources only, where it tells its source."""
    for statement in statements(role.props["assumeRolePolicy"]):
        services = sorted(TELL_THEIR_SOURCE.intersection(statement.services))
        if statement.allows and services and not statement.limited_to_a_source:
            yield f"{', '.join(services)} is trusted without a condition on the source"
