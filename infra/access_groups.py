"""Kubernetes groups of the people who get into the cluster: access entries put them in, RBAC says what they may do."""

ADMINISTRATOR = "administrator"
"""The break-glass right: the one whose rights come from EKS itself, and that no role in the cluster is bound to."""
DEPLOYER, OPERATOR, AUDITOR, VIEWER = "deployer", "operator", "auditor", "viewer"


def group(right: str) -> str:
    """Group of those with `right`: "inference:viewer"."""
    return f"inference:{right}"
