"""Settings of the whole account that make the safe choice for whatever else is made in it."""

from policies.rules.exposure import BLOCKS
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links
from policies.rules.services import service_rule


@service_rule(
    "ebs-snapshots-not-public",
    "aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess",
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)"),
    remediation="add an ebs.SnapshotBlockPublicAccess with state block-all-sharing.",
    link="https://docs.aws.amazon.com/ebs/latest/userguide/block-public-access-snapshots.html",
)
def ebs_snapshots_not_public(guard: Resource, _: Stack) -> Findings:
    """No copy of a disk can be shared with everybody, not even one that was shared before."""
    if guard.props.get("state") != "block-all-sharing":
        yield f"state is {guard.props.get('state', 'unset')}, expected block-all-sharing"


@service_rule(
    "s3-account-public-access-blocked",
    "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)"),
    remediation=f"add an s3.AccountPublicAccessBlock with {', '.join(BLOCKS)} all true.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/s3-account-level-public-access-blocks-periodic.html",
)
def s3_account_public_access_blocked(guard: Resource, _: Stack) -> Findings:
    """No bucket of the account can be made public, whoever made it."""
    for name in BLOCKS:
        if guard.props.get(name) is not True:
            yield f"{name} is {guard.props.get(name, 'unset')}, expected true"
