"""What the API server itself refuses, after the program was applied, whoever asks."""

from collections.abc import Iterator

from policies.rules.isolation import NAMESPACE
from policies.rules.pods import NAMESPACE_LABEL, selects
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule

_API = "kubernetes:admissionregistration.k8s.io/v1"
POLICY, BINDING = f"{_API}:ValidatingAdmissionPolicy", f"{_API}:ValidatingAdmissionPolicyBinding"
NEW_PODS = {"apiGroups": "", "apiVersions": "v1", "resources": "pods", "operations": "CREATE"}
"""What a rule of a policy lists that is about pods when they are made; `*` stands for each."""


@relation_rule(
    "admission-policies-enforced",
    NAMESPACE,
    POLICY,
    BINDING,
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1) 312(c)(1) 308(a)(5)(ii)(B)"),
    remediation="bind a ValidatingAdmissionPolicy with validations that judges every new pod to the namespace, with "
    "failurePolicy Fail and validationActions [Deny].",
    link="https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/",
)
def admission_policies_enforced(resource: Resource, stack: Stack) -> Findings:
    """Pods of each namespace are judged by a bound policy that refuses, also where it cannot be evaluated."""
    if resource.type == POLICY:
        yield from _toothless(resource, stack)
    elif resource.type == BINDING:
        yield from _dangling(resource, stack)
    elif not any(_judges_pods_of(resource, policy, stack) for policy in stack.typed(POLICY)):
        yield "no ValidatingAdmissionPolicy that judges every new pod is bound to it with Deny"


def _toothless(policy: Resource, stack: Stack) -> Findings:
    spec = policy.block("spec")
    seen = spec.get("failurePolicy") or "Fail"
    if seen != "Fail":
        yield f"spec.failurePolicy is {seen}, expected Fail"
    demands = [str(item.get("expression")).strip() for item in spec.get("validations") or ()]
    if not demands or "true" in demands:
        yield "spec.validations is empty, or an expression in it is always true"
    if not any(_denying(policy, stack)):
        yield "no ValidatingAdmissionPolicyBinding names it with validationActions Deny"


def _dangling(binding: Resource, stack: Stack) -> Findings:
    """A binding without its policy: the API server takes it, and refuses nothing."""
    if stack.origins(binding, POLICY, of="spec"):
        return
    name = binding.block("spec").get("policyName") or ""
    if not any(stack.where(POLICY, "metadata.name", name)):
        yield f"spec.policyName is {name or 'unset'}, which is no ValidatingAdmissionPolicy of the stack"


def _denying(policy: Resource, stack: Stack) -> Iterator[Properties]:
    """The specs of the bindings by which the policy refuses."""
    for binding in stack.attached(policy, BINDING, by="spec.policyName", identity=("metadata.name",)):
        spec = binding.block("spec")
        if "Deny" in (spec.get("validationActions") or ()):
            yield spec


def _judges_pods_of(namespace: Resource, policy: Resource, stack: Stack) -> bool:
    metadata, constraints = namespace.block("metadata"), policy.block("spec").get("matchConstraints") or {}
    labels = {**(metadata.get("labels") or {}), NAMESPACE_LABEL: metadata.get("name")}
    places = (spec.get("matchResources") or {} for spec in _denying(policy, stack))
    return _judges_new_pods(constraints) and any(
        selects(constraints.get("namespaceSelector"), labels)
        and selects(place.get("namespaceSelector"), labels)
        and _every(place)
        for place in places
    )


def _judges_new_pods(constraints: Properties) -> bool:
    return _every(constraints) and any(
        all({wanted, "*"}.intersection(rule.get(name) or ()) for name, wanted in NEW_PODS.items())
        for rule in constraints.get("resourceRules") or ()
    )


def _every(matched: Properties) -> bool:
    """Whether neither labels of an object nor an exception take one out."""
    chosen = matched.get("objectSelector") or {}
    labelled = chosen.get("matchLabels") or chosen.get("matchExpressions")
    return not labelled and not matched.get("excludeResourceRules")
