"""What opens data, changes records or lends an identity is allowed on named resources."""

import re

from policies.rules.documents import Statement
from policies.rules.identity import ATTACHMENTS, POLICIES, ROLE, granted
from policies.rules.resource import Resource
from policies.rules.rule import Findings, Severity, links, resource_rule

OPENING = {
    "backup": "DeleteRecoveryPoint StartRestoreJob",
    "cloudtrail": "DeleteTrail StopLogging",
    "dynamodb": "DeleteItem GetItem PutItem Query Scan UpdateItem",
    "ebs": "GetSnapshotBlock",
    "ec2": "AttachVolume DeleteSnapshot DeleteVolume ModifySnapshotAttribute",
    "ecr": "PutImage",
    "iam": "AttachRolePolicy CreateAccessKey CreatePolicyVersion PassRole PutRolePolicy UpdateAssumeRolePolicy",
    "kms": "CreateGrant DisableKey Encrypt GenerateDataKey PutKeyPolicy ScheduleKeyDeletion",
    "lambda": "InvokeFunction UpdateFunctionCode",
    "logs": "DeleteLogGroup DeleteLogStream FilterLogEvents GetLogEvents PutLogEvents PutRetentionPolicy StartQuery",
    "s3": "DeleteObject DeleteObjectVersion GetObject GetObjectVersion ListBucket PutBucketPolicy PutObject",
    "secretsmanager": "GetSecretValue PutSecretValue",
    "sqs": "ReceiveMessage SendMessage",
    "ssm": "GetParameter GetParameters GetParametersByPath PutParameter ResumeSession SendCommand StartSession TerminateSession",
    "sts": "AssumeRole",
}
"""Actions by service, each of which can be limited to resources, says AWS's service authorization reference. To decrypt
is another rule's matter. A list of all that can be limited would be AWS's own, and out of date the day it is written."""
KINDS = (
    "(document|function|instance|key|log-group|managed-instance|parameter|policy|recovery-point|repository|role|secret"
    "|snapshot|table|trail|user|volume)[:/]"
)
"""How the last part of an ARN begins, but for those of buckets and queues, which are names alone."""
MOST_NAMED = 4
"""Actions in one message."""
EVERY = re.compile(rf"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:({KINDS})?\*([:/].*)?")
"""All resources, or all of one kind."""
TAG_KEY = re.compile(r"\w+:resourcetag/.+|s3:existingobjecttag/.+", re.IGNORECASE)
"""Condition keys on what a resource is tagged with."""
OPEN_TO_ALL_DATA = re.compile(
    r"arn:[^:]+:iam::aws:policy/((AmazonDynamoDB|AmazonS3|AmazonSSM|CloudWatchLogs)?ReadOnlyAccess|SecretsManagerReadWrite)"
)
"""AWS's own policies that read what is stored in the whole account."""


@resource_rule(
    "iam-policy-resources-named",
    *POLICIES,
    *ATTACHMENTS,
    ROLE,
    severity=Severity.HIGH,
    evidence=links(direct="308(a)(4)(ii)(B)", supporting="312(a)(1)"),
    remediation="name the resources in the statement's Resource, or add a condition on their tags (aws:ResourceTag).",
    link="https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html",
)
def iam_policy_resources_named(policy: Resource) -> Findings:
    """Whoever may read or change data and records, or take on an identity, may do so on named resources only."""
    if policy.type in ATTACHMENTS:
        if OPEN_TO_ALL_DATA.fullmatch(policy.props["policyArn"]):
            yield f"{policy.props['policyArn']} is attached, expected a policy that names resources"
        return
    for statement in granted(policy):
        everywhere = [item for item in statement.resources if EVERY.fullmatch(item)]
        unnamed = everywhere or "NotResource" in statement.all_but
        actions = _opening(statement) if statement.allows and unnamed and not statement.limited_by(TAG_KEY) else ()
        if actions:
            more = f" and {len(actions) - MOST_NAMED} more" if len(actions) > MOST_NAMED else ""
            where = ", ".join(everywhere) or "all but some resources"
            yield f"{', '.join(actions[:MOST_NAMED])}{more} is allowed on {where}"


def _opening(statement: Statement) -> list[str]:
    """The actions of the list that a statement is about; a wildcard may stand for several."""
    listed = (f"{service}:{name}" for service, names in OPENING.items() for name in names.split())
    return [action for action in listed if statement.names_action(action)]
