"""Secrets in AWS Secrets Manager: encrypted with a key of one's own, and replaced regularly."""

from policies.rules.keys import own_key
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

SECRET = "aws:secretsmanager/secret:Secret"  # noqa: S105 - the name of a type
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
MAXIMUM_AGE_DAYS = 90
"""Longest time between rotations in AWS's rule on periodic rotation, unless it is told another."""


@resource_rule(
    "secret-encrypted-kms",
    SECRET,
    severity=Severity.MEDIUM,
    evidence=links(direct="312(a)(2)(iv)"),
    remediation="set kmsKeyId to a customer-managed key.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/secretsmanager-using-cmk.html",
    optional=True,
)
def secret_encrypted_kms(secret: Resource) -> Findings:
    """Secrets are encrypted with a customer-managed KMS key."""
    key = secret.props.get("kmsKeyId")
    if not own_key(key):
        yield f"kmsKeyId is {key or 'unset'}, expected a customer-managed key"


@relation_rule(
    "secret-rotated",
    SECRET,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(5)(ii)(D) 312(d)"),
    remediation=f"add a SecretRotation for the secret with automaticallyAfterDays of {MAXIMUM_AGE_DAYS} or less.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/secretsmanager-rotation-enabled-check.html",
    optional=True,
)
def secret_rotated(secret: Resource, stack: Stack) -> Findings:
    """Secrets are replaced on a schedule, so that one that leaked stops working."""
    rotations = stack.attached(secret, ROTATION, by="secretId", identity=("id", "arn"))
    if not rotations:
        yield "no SecretRotation names the secret"
    for rotation in rotations:
        rules = rotation.block("rotationRules")
        days = rules.get("automaticallyAfterDays") or 0
        if rotation.props.get("rotationEnabled") is False:
            yield f"{rotation.name}.rotationEnabled is false"
        if not days and not rules.get("scheduleExpression"):
            yield f"{rotation.name}.rotationRules has no schedule"
        if days > MAXIMUM_AGE_DAYS:
            yield f"{rotation.name} rotates after {days:.0f} days, expected {MAXIMUM_AGE_DAYS} or less"
