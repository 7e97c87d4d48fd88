"""Roles for the groups of the access entries: infra/workloads/rights.py says what is in them."""

from collections.abc import Sequence

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.rbac.v1 import (
    ClusterRole,
    ClusterRoleBinding,
    PolicyRuleArgs,
    Role,
    RoleBinding,
    RoleRefArgs,
    SubjectArgs,
)

from infra.access_groups import group
from infra.workloads.namespaces import AUDIT, LOADTEST, spaces
from infra.workloads.rights import BESIDE, IN_AUDIT, IN_CLUSTER, IN_LOADTEST, IN_NAMESPACES, RBAC, Rule

_OTHERWISE = {AUDIT: IN_AUDIT, LOADTEST: IN_LOADTEST}


class Access(pulumi.ComponentResource):
    """A Role in each namespace, and a ClusterRole for what reaches further.

    A ClusterRole bound in namespaces would do for the first, but could be made only by who holds its rights everywhere.
    Give the cluster as `deleted_with`: the deployer who destroys a stack stands on these roles until its end.
    """

    def __init__(self, name: str, *, load_tested: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Access", name, None, opts)
        self._deleted_with = opts.deleted_with if opts else None
        ours = [space.name for space in spaces(load_tested=load_tested)]
        rights_by_namespace = {**{name: _OTHERWISE.get(name, IN_NAMESPACES) for name in ours}, **BESIDE}
        for namespace, rights in rights_by_namespace.items():
            for right, rules in rights.items():
                self._in_namespace(namespace, right, rules)
        for right, rules in IN_CLUSTER.items():
            self._in_cluster(right, rules)
        self.register_outputs({})

    def _in_namespace(self, namespace: str, right: str, rules: Sequence[Rule]) -> None:
        metadata = ObjectMetaArgs(name=group(right), namespace=namespace)
        role = Role(f"{namespace}-{right}", metadata=metadata, rules=_rules(rules), opts=self._under(self))
        RoleBinding(
            f"{namespace}-{right}",
            metadata=metadata,
            role_ref=_reference(role),
            subjects=[_subject(right)],
            opts=self._under(role),
        )

    def _in_cluster(self, right: str, rules: Sequence[Rule]) -> None:
        metadata = ObjectMetaArgs(name=group(right))
        role = ClusterRole(right, metadata=metadata, rules=_rules(rules), opts=self._under(self))
        ClusterRoleBinding(
            f"cluster-{right}",
            metadata=metadata,
            role_ref=_reference(role),
            subjects=[_subject(right)],
            opts=self._under(role),
        )

    def _under(self, parent: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions(parent=parent, deleted_with=self._deleted_with)


def _rules(rules: Sequence[Rule]) -> list[PolicyRuleArgs]:
    return [
        PolicyRuleArgs(
            api_groups=[rule.api_group],
            resources=list(rule.resources),
            verbs=list(rule.verbs),
            resource_names=list(rule.names) or None,
        )
        for rule in rules
    ]


def _reference(role: Role | ClusterRole) -> RoleRefArgs:
    return RoleRefArgs(api_group=RBAC, kind=type(role).__name__, name=role.metadata.name.apply(str))


def _subject(right: str) -> SubjectArgs:
    return SubjectArgs(api_group=RBAC, kind="Group", name=group(right))
