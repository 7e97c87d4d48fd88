"""Passwords of people who log in to the account itself."""

from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule

POLICY = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
LOGIN = "aws:iam/userLoginProfile:UserLoginProfile"
MINIMUM_LENGTH = 14
OLD_PASSWORDS = 24
MAXIMUM_AGE_DAYS = 90
"""Values of AWS's conformance pack for HIPAA."""
CHARACTERS = (
    "requireLowercaseCharacters",
    "requireNumbers",
    "requireSymbols",
    "requireUppercaseCharacters",
)


@relation_rule(
    "iam-password-policy-strong",
    POLICY,
    LOGIN,
    severity=Severity.MEDIUM,
    evidence=links(direct="308(a)(5)(ii)(D)", supporting="312(d)"),
    remediation=f"add an AccountPasswordPolicy with minimumPasswordLength {MINIMUM_LENGTH}, passwordReusePrevention "
    f"{OLD_PASSWORDS}, maxPasswordAge {MAXIMUM_AGE_DAYS} and {', '.join(CHARACTERS)}, or let people log in elsewhere.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/iam-password-policy.html",
    optional=True,
)
def iam_password_policy_strong(resource: Resource, stack: Stack) -> Findings:
    """Passwords for the account, where a stack gives any, are long, mixed, changed and not used again."""
    if resource.type == POLICY:
        yield from _weaknesses(resource)
    elif not any(stack.typed(POLICY)):
        yield "it lets a user log in with a password, and the stack has no AccountPasswordPolicy"


def _weaknesses(policy: Resource) -> Findings:
    for name, least in (("minimumPasswordLength", MINIMUM_LENGTH), ("passwordReusePrevention", OLD_PASSWORDS)):
        seen = policy.props.get(name) or 0
        if seen < least:
            yield f"{name} is {seen:.0f}, expected {least} or more"
    age = policy.props.get("maxPasswordAge") or 0  # 0 and unset: passwords do not age
    if not 0 < age <= MAXIMUM_AGE_DAYS:
        yield f"maxPasswordAge is {age:.0f}, expected 1 to {MAXIMUM_AGE_DAYS} days"
    for name in CHARACTERS:
        if policy.props.get(name) is not True:
            yield f"{name} is {policy.props.get(name, 'unset')}, expected true"
