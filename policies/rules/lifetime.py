"""What is not taken down by a slip: ways in, and keys without which all that is stored is lost."""

from policies.rules.exposure import BUCKETS
from policies.rules.load_balancers import LOAD_BALANCERS
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule

LONGEST_WINDOW_DAYS = 30
"""The longest that AWS KMS offers, and what it takes where nothing is said."""


def lasting(stack: Stack) -> None:
    """Raises NotApplicable for a stack that says of every bucket it has that it may be destroyed with what is in it."""
    if stack.once(_disposable):
        raise NotApplicable("the stack declares that even what it stores may be destroyed with it (forceDestroy)")


def _disposable(stack: Stack) -> bool:
    buckets = list(stack.typed(*BUCKETS))
    return bool(buckets) and all(bucket.props.get("forceDestroy") is True for bucket in buckets)


@relation_rule(
    "load-balancer-deletion-protected",
    *LOAD_BALANCERS,
    severity=Severity.LOW,
    evidence=links(supporting="308(a)(7)(i)"),
    remediation="set enableDeletionProtection to true.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/elb-deletion-protection-enabled.html",
)
def load_balancer_deletion_protected(balancer: Resource, stack: Stack) -> Findings:
    """The way in is not deleted by a slip, in a stack that is meant to last."""
    lasting(stack)
    seen = balancer.props.get("enableDeletionProtection")
    if seen is not True:
        yield f"enableDeletionProtection is {'unset' if seen is None else seen}, expected true"


@relation_rule(
    "kms-key-deletion-delayed",
    "aws:kms/key:Key",
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(7)(ii)(A) 312(a)(2)(iv)"),
    remediation=f"set deletionWindowInDays to {LONGEST_WINDOW_DAYS}, or leave it out.",
    link="https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",
)
def kms_key_deletion_delayed(key: Resource, stack: Stack) -> Findings:
    """Who deletes a key by a slip has a month to notice, in a stack that is meant to last."""
    lasting(stack)
    days = key.props.get("deletionWindowInDays")
    if days is not None and days < LONGEST_WINDOW_DAYS:
        yield f"deletionWindowInDays is {days:.0f}, expected {LONGEST_WINDOW_DAYS}"
