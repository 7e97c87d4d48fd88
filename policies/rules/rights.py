"""Rights in IAM: in policies that can be reviewed by themselves, given to roles, and on named keys."""

import re

from policies.rules.identity import POLICIES, ROLE, granted
from policies.rules.resource import Resource
from policies.rules.rule import Findings, Severity, links, resource_rule

INLINE = POLICIES[1:]
"""Types of policies that are part of one role, user or group."""
OF_USERS = (
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/policyAttachment:PolicyAttachment",
)
DECRYPTING = ("kms:Decrypt", "kms:ReEncryptFrom")
"""What AWS Config's rule is told to look for in the conformance pack."""
EVERY_KEY = re.compile(r"\*|arn:[^:]+:kms:[^:]*:[^:]*:(key/)?\*")


@resource_rule(
    "iam-policy-kms-limited",
    *POLICIES,
    ROLE,
    severity=Severity.HIGH,
    evidence=links(direct="308(a)(4)(ii)(B)", supporting="312(a)(1) 312(a)(2)(iv)"),
    remediation="name the keys in the statement's Resource.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/iam-customer-policy-blocked-kms-actions.html",
)
def iam_policy_kms_limited(policy: Resource) -> Findings:
    """No policy allows to decrypt with every key."""
    for statement in granted(policy):
        keys = [item for item in statement.resources if EVERY_KEY.fullmatch(item)]
        actions = [action for action in DECRYPTING if statement.names_action(action)]
        if statement.allows and actions and (keys or "NotResource" in statement.all_but):
            yield f"{', '.join(actions)} is allowed on {', '.join(keys) or 'all but some keys'}, expected named keys"


@resource_rule(
    "iam-no-inline-policy",
    *INLINE,
    ROLE,
    severity=Severity.LOW,
    evidence=links(supporting="308(a)(4)(ii)(B) 308(a)(4)(ii)(C)"),
    remediation="make an iam.Policy and attach it.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/iam-no-inline-policy-check.html",
)
def iam_no_inline_policy(holder: Resource) -> Findings:
    """Rights stand in policies of their own, where they are reviewed, versioned and attached."""
    if holder.type in INLINE:
        yield f"it is an inline policy ({holder.type.rpartition(':')[2]}), expected a Policy that is attached"
    elif written := [item.get("name") or "?" for item in holder.items("inlinePolicies") if item.get("policy")]:
        yield f"inlinePolicies holds {', '.join(written)}, expected none"


@resource_rule(
    "iam-user-no-policies",
    *OF_USERS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(4)(ii)(B) 308(a)(3)(ii)(A)"),
    remediation="attach the policy to a role that the user assumes, or to a group.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/iam-user-no-policies-check.html",
    optional=True,
)
def iam_user_no_policies(grant: Resource) -> Findings:
    """Rights belong to roles and groups, so that a person who leaves takes none along."""
    if grant.type != OF_USERS[-1]:
        yield "it gives rights to a user, expected a role or a group"
    elif grant.items("users"):
        yield f"users lists {', '.join(grant.items('users'))}, expected roles and groups only"
