"""Inside the cluster nothing talks to anything unless a policy says so."""

import re
from collections.abc import Iterator

from policies.rules.exposure import enclosed, private
from policies.rules.pods import WORKLOADS, Pod, selects
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

NAMESPACE = "kubernetes:core/v1:Namespace"
NETWORK_POLICY = "kubernetes:networking.k8s.io/v1:NetworkPolicy"
POD_SECURITY = "pod-security.kubernetes.io"
COMPLETE_VERSION = re.compile(r"latest|v1\.(2[3-9]|[3-9]\d|\d{3,})")
"""Since 1.23 restricted demands all that it does today: https://kubernetes.io/docs/concepts/security/pod-security-standards/"""
EVERYBODYS = ("default", "kube-system", "kube-public", "kube-node-lease")
"""Namespaces that every cluster begins with."""
DIRECTIONS = {"Ingress": "ingress", "Egress": "egress"}


def policies_of(namespace: str, stack: Stack) -> Iterator[Resource]:
    """The NetworkPolicies of one namespace."""
    return stack.where(NETWORK_POLICY, "metadata.namespace", namespace, absent="default")


def covers(spec: Properties, direction: str) -> bool:
    """Whether a NetworkPolicy governs this direction; without policyTypes, egress only where it has egress rules."""
    types = spec.get("policyTypes")
    return direction in types if types else direction == "Ingress" or bool(spec.get("egress"))


def _denies(policy: Resource, direction: str) -> bool:
    spec = policy.block("spec")
    selector = spec.get("podSelector") or {}
    everything = not selector.get("matchLabels") and not selector.get("matchExpressions")
    return everything and covers(spec, direction) and not spec.get(DIRECTIONS[direction])


@relation_rule(
    "namespace-default-deny",
    NAMESPACE,
    *WORKLOADS,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="add a NetworkPolicy to the namespace with podSelector {}, policyTypes [Ingress, Egress] and no rules.",
    link="https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies",
)
def namespace_default_deny(resource: Resource, stack: Stack) -> Findings:
    """Each namespace, and the namespace of each workload, refuses all traffic that no policy admits."""
    metadata = resource.block("metadata")
    name = metadata.get("name") if resource.type == NAMESPACE else metadata.get("namespace")
    found = list(policies_of(name or "default", stack))
    for direction in DIRECTIONS:
        if not any(_denies(policy, direction) for policy in found):
            yield f"namespace {name or 'default'} has no default-deny NetworkPolicy for {direction}"


@resource_rule(
    "namespace-pod-security-enforced",
    NAMESPACE,
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1) 308(a)(5)(ii)(B)"),
    remediation="label the namespace pod-security.kubernetes.io/enforce: restricted.",
    link="https://kubernetes.io/docs/concepts/security/pod-security-admission/",
)
def namespace_pod_security_enforced(namespace: Resource) -> Findings:
    """The API server refuses pods that do not meet the Pod Security Standard "restricted", as it is today."""
    labels = namespace.block("metadata").get("labels") or {}
    seen = labels.get(f"{POD_SECURITY}/enforce")
    version = COMPLETE_VERSION.fullmatch(labels.get(f"{POD_SECURITY}/enforce-version") or "latest")
    if version is None:
        yield f"label {POD_SECURITY}/enforce-version is before v1.23, whose restricted demands less than today's"
    if seen != "restricted":
        yield f"label {POD_SECURITY}/enforce is {seen or 'unset'}, expected restricted"
        for mode in ("warn", "audit"):  # where restricted is enforced, these have nothing left to tell
            if labels.get(f"{POD_SECURITY}/{mode}") != "restricted":
                yield f"label {POD_SECURITY}/{mode} is not restricted either, so that nothing tells of what is let in"


@resource_rule(
    "workload-namespace-own",
    *WORKLOADS,
    severity=Severity.LOW,
    evidence=links(supporting="312(a)(1)"),
    remediation="make a Namespace for the workload and set metadata.namespace.",
    link="https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/",
)
def workload_namespace_own(workload: Resource) -> Findings:
    """Workloads live in namespaces made for them, whose policies, quotas and roles fit them."""
    name = Pod(workload).namespace
    if name in EVERYBODYS:
        yield f"metadata.namespace is {name}, expected one of its own"


@relation_rule(
    "network-policy-no-open-peer",
    NETWORK_POLICY,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="name pods, namespaces or private address blocks in every rule's from and to.",
    link="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
)
def network_policy_no_open_peer(policy: Resource, stack: Stack) -> Findings:
    """No NetworkPolicy admits traffic from or to everywhere, or from or to public addresses that can be reached.

    S3's own addresses are public, and a NetworkPolicy cannot name a prefix list: in a VPC without internet gateway,
    whose only public routes lead to gateway endpoints, egress to public addresses may be admitted at named ports.
    """
    spec = policy.block("spec")
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for index, rule in enumerate(spec.get(direction) or ()):
            where = f"spec.{direction}[{index}].{side}"
            if not rule.get(side):
                yield f"{where} is empty, which means everywhere"
            for peer in rule.get(side) or ():
                cidr = (peer.get("ipBlock") or {}).get("cidr")
                inescapable = direction == "egress" and bool(rule.get("ports")) and enclosed(stack)
                if cidr and not private(cidr) and not inescapable:
                    yield f"{where} holds {cidr}, expected private ranges only"


def admits(policy: Resource) -> Iterator[Properties]:
    """The ingress rules of a NetworkPolicy."""
    return iter(policy.block("spec").get("ingress") or ())


def workload_policies(workload: Resource, stack: Stack) -> Iterator[Resource]:
    """The NetworkPolicies that govern what may reach a workload's pods."""
    pod = Pod(workload)
    for policy in policies_of(pod.namespace, stack):
        spec = policy.block("spec")
        if covers(spec, "Ingress") and selects(spec.get("podSelector"), pod.labels):
            yield policy
