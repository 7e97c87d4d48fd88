"""Documents of AWS Systems Manager."""

from policies.rules.resource import Resource
from policies.rules.rule import Findings, Severity, links, resource_rule


@resource_rule(
    "ssm-document-not-public",
    "aws:ssm/document:Document",
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1) 308(a)(4)(ii)(B)"),
    remediation="list account ids in permissions.account_ids, or leave permissions out.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/ssm-document-not-public.html",
    optional=True,
)
def ssm_document_not_public(document: Resource) -> Findings:
    """What machines are told to do is shown to named accounts only."""
    permissions = document.block("permissions")
    shared = [*(permissions.get("account_ids") or "").split(","), *(permissions.get("accountIds") or "").split(",")]
    if any(item.strip().lower() == "all" for item in shared):
        yield "permissions share it with all accounts"
