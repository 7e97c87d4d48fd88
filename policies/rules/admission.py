"""What the API server itself refuses, after the program was applied, whoever asks."""

from collections.abc import Iterator

from policies.rules.isolation import NAMESPACE
from policies.rules.pods import NAMESPACE_LABEL, selects
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule

_API = "kubernetes:admissionregistration.k8s.io/v1"
POLICY, BINDING = f"{_API}:ValidatingAdmissionPolicy", f"{_API}:ValidatingAdmissionPolicyBinding"


@relation_rule(
    "admission-policies-enforced",
    NAMESPACE,
    POLICY,
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1) 312(c)(1) 308(a)(5)(ii)(B)"),
    remediation="bind a ValidatingAdmissionPolicy that judges pods to the namespace, with failurePolicy Fail and "
    "validationActions [Deny].",
    link="https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/",
)
def admission_policies_enforced(resource: Resource, stack: Stack) -> Findings:
    """Pods of each namespace are judged by a bound policy that refuses, also where it cannot be evaluated."""
    if resource.type == POLICY:
        yield from _toothless(resource, stack)
    elif not any(_judges_pods_of(resource, policy, stack) for policy in stack.typed(POLICY)):
        yield "no ValidatingAdmissionPolicy that judges pods is bound to it with Deny"


def _toothless(policy: Resource, stack: Stack) -> Findings:
    seen = policy.block("spec").get("failurePolicy") or "Fail"
    if seen != "Fail":
        yield f"spec.failurePolicy is {seen}, expected Fail"
    if not any(_denying(policy, stack)):
        yield "no ValidatingAdmissionPolicyBinding names it with validationActions Deny"


def _denying(policy: Resource, stack: Stack) -> Iterator[Properties]:
    """The specs of the bindings by which the policy refuses."""
    for binding in stack.attached(policy, BINDING, by="spec.policyName", identity=("metadata.name",)):
        spec = binding.block("spec")
        if "Deny" in (spec.get("validationActions") or ()):
            yield spec


def _judges_pods_of(namespace: Resource, policy: Resource, stack: Stack) -> bool:
    metadata, constraints = namespace.block("metadata"), policy.block("spec").get("matchConstraints") or {}
    judged = {name for rule in constraints.get("resourceRules") or () for name in rule.get("resources") or ()}
    labels = {**(metadata.get("labels") or {}), NAMESPACE_LABEL: metadata.get("name")}
    places = (spec.get("matchResources") or {} for spec in _denying(policy, stack))
    return bool(judged & {"pods", "*"}) and any(
        selects(constraints.get("namespaceSelector"), labels) and selects(place.get("namespaceSelector"), labels)
        for place in places
    )
