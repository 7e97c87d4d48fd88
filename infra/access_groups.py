"""Kubernetes groups of the people who get into the cluster: access entries put them in, RBAC says what they may do."""


def group(right: str) -> str:
    """Group of those with `right`: "inference:viewer"."""
    return f"inference:{right}"
