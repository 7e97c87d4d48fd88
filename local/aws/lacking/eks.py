"""Add-ons of EKS clusters, and who gets in."""

from collections.abc import Callable
from typing import Any

from local.aws.lacking.kind import Kind, Params, now, short, verbs


def _dated(added: Callable[[Params, str], dict[str, Any]]) -> Callable[[Params, str], dict[str, Any]]:
    return lambda params, arn: {**added(params, arn), "createdAt": now(), "modifiedAt": now()}


def _addon(p: Params, arn: str) -> dict[str, Any]:
    suffix = short(p, "clusterName", "addonName")
    return {
        "addonArn": f"{arn}addon/{p['clusterName']}/{p['addonName']}/{suffix}",
        "status": "ACTIVE",
        "addonVersion": p.get("addonVersion", "v1.0.0-eksbuild.1"),
        "health": {"issues": []},
    }


def _access_entry(p: Params, arn: str) -> dict[str, Any]:
    return {
        "accessEntryArn": f"{arn}access-entry/{p['clusterName']}/{short(p, 'clusterName', 'principalArn')}",
        "username": p.get("username", p["principalArn"]),
        "type": p.get("type", "STANDARD"),
        "kubernetesGroups": p.get("kubernetesGroups", []),
    }


def _association(_p: Params, _arn: str) -> dict[str, Any]:
    return {"associatedAt": now()}


def _pod_identity(p: Params, arn: str) -> dict[str, Any]:
    suffix = f"a-{short(p, 'clusterName', 'namespace', 'serviceAccount')}"
    return {"associationId": suffix, "associationArn": f"{arn}podidentityassociation/{p['clusterName']}/{suffix}"}


_CLUSTER = ("describe_cluster", {"name": "clusterName"})

KINDS = (
    Kind(
        service="eks",
        name="addon",
        operations=verbs("addon", read="describe_addon"),
        key=("clusterName", "addonName"),
        member="addon",
        added=_dated(_addon),
        renewed=("modifiedAt",),
        belongs=_CLUSTER,
    ),
    Kind(
        service="eks",
        name="access entry",
        operations=verbs("access_entry", read="describe_access_entry"),
        key=("clusterName", "principalArn"),
        member="accessEntry",
        added=_dated(_access_entry),
        renewed=("modifiedAt",),
        belongs=_CLUSTER,
    ),
    Kind(
        service="eks",
        name="access policy association",
        operations={
            "associate_access_policy": "create",
            "list_associated_access_policies": "read",  # AWS lists all; the one that is asked for is picked here
            "disassociate_access_policy": "delete",
        },
        key=("clusterName", "principalArn", "policyArn"),
        member="associatedAccessPolicy",
        added=_association,
        belongs=_CLUSTER,
    ),
    Kind(
        service="eks",
        name="pod identity association",
        operations=verbs("pod_identity_association", read="describe_pod_identity_association"),
        key=("clusterName", "associationId"),
        member="association",
        added=_dated(_pod_identity),
        renewed=("modifiedAt",),
        belongs=_CLUSTER,
    ),
)
