"""The policies of this package in the cluster, and what binds them to the stack's namespaces."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.admissionregistration.v1 import (
    MatchConditionArgs,
    MatchResourcesArgs,
    NamedRuleWithOperationsArgs,
    ValidatingAdmissionPolicy,
    ValidatingAdmissionPolicyBinding,
    ValidatingAdmissionPolicyBindingSpecArgs,
    ValidatingAdmissionPolicySpecArgs,
    ValidationArgs,
    VariableArgs,
)
from pulumi_kubernetes.meta.v1 import LabelSelectorArgs, LabelSelectorRequirementArgs, ObjectMetaArgs

from infra.config_types import GpuSharing
from infra.workloads.admission import (
    certificates,
    confinement,
    host,
    images,
    interactive,
    labels,
    namespaces,
    rbac,
    services,
    tokens,
    triton,
)
from infra.workloads.admission.policy import PART_OF, PART_OF_LABEL, Policy, Rule
from infra.workloads.namespaces import NAMESPACE_LABEL


@dataclass(frozen=True)
class AdmissionPoliciesArgs:
    """`registries` are what the references of all images begin with, each ending in `/`; `sharing` is how pods share GPUs."""

    registries: Sequence[pulumi.Input[str]]
    sharing: GpuSharing | None = None


class AdmissionPolicies(pulumi.ComponentResource):
    """Every policy with its binding; give it as a dependency to the workloads, so that none comes before it."""

    def __init__(self, name: str, args: AdmissionPoliciesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:AdmissionPolicies", name, None, opts)
        for policy in policies(args):
            self._policy(policy)
        self.register_outputs({})

    def _policy(self, policy: Policy) -> None:
        resource = ValidatingAdmissionPolicy(
            policy.name,
            metadata=_metadata(policy),
            spec=ValidatingAdmissionPolicySpecArgs(
                failure_policy="Fail",
                match_constraints=MatchResourcesArgs(resource_rules=_resource_rules(policy)),
                match_conditions=[
                    MatchConditionArgs(name=name, expression=expression)
                    for name, expression in policy.conditions.items()
                ],
                variables=[
                    *[VariableArgs(name=name, expression=expression) for name, expression in policy.variables.items()],
                    *[VariableArgs(name=rule.name, expression=rule.offenders) for rule in policy.rules],
                ],
                validations=[_validation(policy, rule) for rule in policy.rules],
            ),
            opts=pulumi.ResourceOptions(parent=self),
        )
        ValidatingAdmissionPolicyBinding(
            policy.name,
            metadata=_metadata(policy),
            spec=ValidatingAdmissionPolicyBindingSpecArgs(
                policy_name=resource.metadata.name,
                validation_actions=["Deny", "Audit"],
                match_resources=None if policy.everywhere else MatchResourcesArgs(namespace_selector=_where(policy)),
            ),
            opts=pulumi.ResourceOptions(parent=resource),
        )


def policies(args: AdmissionPoliciesArgs) -> Sequence[Policy]:
    """All of them."""
    return (
        images.policy(args.registries),
        host.POLICY,
        confinement.policy(args.sharing),
        labels.POLICY,
        *tokens.POLICIES,
        triton.POLICY,
        services.POLICY,
        interactive.POLICY,
        *rbac.POLICIES,
        *certificates.POLICIES,
        namespaces.POLICY,
    )


def _metadata(policy: Policy) -> ObjectMetaArgs:
    return ObjectMetaArgs(name=policy.name, labels={PART_OF_LABEL: PART_OF, "app.kubernetes.io/managed-by": "pulumi"})


def _resource_rules(policy: Policy) -> list[NamedRuleWithOperationsArgs]:
    return [
        NamedRuleWithOperationsArgs(
            api_groups=[each.api_group],
            api_versions=[each.version],
            resources=list(each.names),
            operations=list(each.operations),
        )
        for each in policy.resources
    ]


def _validation(policy: Policy, rule: Rule) -> ValidationArgs:
    return ValidationArgs(
        expression=f"size(variables.{rule.name}) == 0",
        message=rule.message.replace("{}", "what was asked for"),
        message_expression=rule.broken,
        reason=policy.reason,
    )


def _where(policy: Policy) -> LabelSelectorArgs:
    if policy.namespaces:
        names = LabelSelectorRequirementArgs(key=NAMESPACE_LABEL, operator="In", values=list(policy.namespaces))
        return LabelSelectorArgs(match_expressions=[names])
    return LabelSelectorArgs(match_labels={PART_OF_LABEL: PART_OF})
