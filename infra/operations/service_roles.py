"""Service-linked roles that must be there, because the program names them, and those that the deployer then need not make."""

from typing import Any

from botocore.exceptions import ClientError

from infra.operations.accounts import AwsAccount
from infra.operations.errors import say

NAMED = {
    "autoscaling.amazonaws.com": "the key of the nodes' volumes names it",
    "config.amazonaws.com": "the recorder of AWS Config is given it",
    "malware-protection.guardduty.amazonaws.com": "the key of the nodes' volumes names it",
}
"""Services whose role stands in a policy or an argument of the program, which AWS refuses while there is no such role."""
USED = (
    "access-analyzer.amazonaws.com",
    "config-conforms.amazonaws.com",
    "eks.amazonaws.com",
    "eks-nodegroup.amazonaws.com",
    "elasticloadbalancing.amazonaws.com",
    "guardduty.amazonaws.com",
    "pullthroughcache.ecr.amazonaws.com",
    "route53resolver.amazonaws.com",
    "securityhub.amazonaws.com",
    "spot.amazonaws.com",
    "wafv2.amazonaws.com",
)
"""Services that make their role when they are first used, if their user may call iam:CreateServiceLinkedRole."""


def ensure_service_roles(account: AwsAccount) -> None:
    """Makes the roles that are missing. One of USED that AWS refuses is left for the service to make itself."""
    iam = account.client("iam")
    for service in NAMED:
        _ensure(iam, service)
    for service in USED:
        try:
            _ensure(iam, service)
        except ClientError as error:
            say(f"left to its service: role of {service} ({error.response['Error']['Message'].rstrip('.')})")


def _ensure(iam: Any, service: str) -> None:
    if not iam.list_roles(PathPrefix=f"/aws-service-role/{service}/")["Roles"]:
        iam.create_service_linked_role(AWSServiceName=service)
        say(f"made: service-linked role of {service}")
