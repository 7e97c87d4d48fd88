"""What the groups of people may do in the cluster. None of them reads Secrets, enters a pod or acts as another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRuleArgs,
    RoleBinding,
    RoleRefArgs,
    SubjectArgs,
)

from infra.access_groups import group
from infra.workloads.namespaces import NAMES

_API = "rbac.authorization.k8s.io"
_READ = ("get", "list", "watch")


@dataclass(frozen=True)
class Rule:
    """Verbs on resources of one API group ("" is the core's)."""

    api_group: str
    resources: Sequence[str]
    verbs: Sequence[str] = _READ


_WORKLOADS = (
    Rule("", ("pods", "services", "events", "persistentvolumeclaims", "resourcequotas", "limitranges")),
    Rule("apps", ("deployments", "replicasets", "daemonsets", "statefulsets")),
    Rule("autoscaling", ("horizontalpodautoscalers",)),
    Rule("policy", ("poddisruptionbudgets",)),
    Rule("networking.k8s.io", ("networkpolicies",)),
    Rule("discovery.k8s.io", ("endpointslices",)),
    Rule("metrics.k8s.io", ("pods",)),
)
_OPERATION = (
    Rule("", ("pods/log",), ("get",)),
    # A pod is restarted by taking it away. Changing a Deployment is the program's business alone.
    Rule("", ("pods",), ("delete",)),
    Rule("", ("pods/eviction",), ("create",)),
    Rule("apps", ("deployments/scale",), ("get", "patch", "update")),
)
_CONFIGURATION = (
    Rule("", ("namespaces", "nodes", "serviceaccounts", "configmaps")),
    Rule(_API, ("roles", "rolebindings", "clusterroles", "clusterrolebindings")),
    Rule(
        "admissionregistration.k8s.io",
        (
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "validatingwebhookconfigurations",
            "mutatingwebhookconfigurations",
        ),
    ),
    Rule("storage.k8s.io", ("storageclasses",)),
    Rule("scheduling.k8s.io", ("priorityclasses",)),
)
IN_NAMESPACES: Mapping[str, Sequence[Rule]] = {"viewer": _WORKLOADS, "operator": (*_WORKLOADS, *_OPERATION)}
"""Rights in the workloads' namespaces."""
IN_CLUSTER: Mapping[str, Sequence[Rule]] = {"auditor": (*_WORKLOADS, *_CONFIGURATION)}
"""Rights everywhere."""


class Access(pulumi.ComponentResource):
    """Roles for the groups of the access entries. The deployer has its rights from EKS: it makes these roles."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Access", name, None, opts)
        for right, rules in IN_NAMESPACES.items():
            role = self._role(right, rules)
            for namespace in NAMES:
                self._bind_in(namespace, right, role)
        for right, rules in IN_CLUSTER.items():
            self._bind(right, self._role(right, rules))
        self.register_outputs({})

    def _role(self, right: str, rules: Sequence[Rule]) -> ClusterRole:
        return ClusterRole(
            right,
            metadata=ObjectMetaArgs(name=group(right)),
            rules=[
                PolicyRuleArgs(api_groups=[rule.api_group], resources=list(rule.resources), verbs=list(rule.verbs))
                for rule in rules
            ],
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _bind_in(self, namespace: str, right: str, role: ClusterRole) -> None:
        RoleBinding(
            f"{namespace}-{right}",
            metadata=ObjectMetaArgs(name=group(right), namespace=namespace),
            role_ref=_reference(role),
            subjects=[_subject(right)],
            opts=pulumi.ResourceOptions(parent=role),
        )

    def _bind(self, right: str, role: ClusterRole) -> None:
        ClusterRoleBinding(
            f"cluster-{right}",
            metadata=ObjectMetaArgs(name=group(right)),
            role_ref=_reference(role),
            subjects=[_subject(right)],
            opts=pulumi.ResourceOptions(parent=role),
        )


def _reference(role: ClusterRole) -> RoleRefArgs:
    return RoleRefArgs(api_group=_API, kind="ClusterRole", name=role.metadata.name.apply(str))


def _subject(right: str) -> SubjectArgs:
    return SubjectArgs(api_group=_API, kind="Group", name=group(right))
