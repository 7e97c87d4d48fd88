"""The service goes on under load, while nodes are replaced, and beside a neighbour that takes too much."""

from collections.abc import Iterator

from policies.rules.isolation import NAMESPACE
from policies.rules.lifetime import lasting
from policies.rules.phi_path import pod_named
from policies.rules.pods import Pod, selects
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule

SERVING = ("kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:StatefulSet")
QUOTAS = ("kubernetes:core/v1:ResourceQuota", "kubernetes:core/v1:LimitRange")
AUTOSCALER = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler"
FEWEST = 2
"""Pods of the gateway."""
DISRUPTION_BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"


def _in_namespace(namespace: str | None, kind: str, stack: Stack) -> Iterator[Resource]:
    return stack.where(kind, "metadata.namespace", namespace or "default", absent="default")


@relation_rule(
    "namespace-quota-present",
    NAMESPACE,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(7)(i)"),
    remediation="add a ResourceQuota with spec.hard and a LimitRange with spec.limits to the namespace.",
    link="https://kubernetes.io/docs/concepts/policy/resource-quotas/",
)
def namespace_quota_present(namespace: Resource, stack: Stack) -> Findings:
    """Each namespace has a bound on what it takes from the others, and limits for containers that state none."""
    for kind, said in zip(QUOTAS, ("hard", "limits"), strict=True):
        found = _in_namespace(namespace.block("metadata").get("name"), kind, stack)
        if not any(item.block("spec").get(said) for item in found):
            yield f"no {kind.rpartition(':')[2]} with spec.{said} is in the namespace"


@relation_rule(
    "workload-disruption-budgeted",
    *SERVING,
    severity=Severity.LOW,
    evidence=links(supporting="308(a)(7)(i)"),
    remediation="add a PodDisruptionBudget whose selector chooses the workload's pods.",
    link="https://kubernetes.io/docs/concepts/workloads/pods/disruptions/",
)
def workload_disruption_budgeted(workload: Resource, stack: Stack) -> Findings:
    """Pods of a service are not all taken away at once while nodes are replaced."""
    pod = Pod(workload)
    budgets = _in_namespace(pod.namespace, DISRUPTION_BUDGET, stack)
    selectors = (item.block("spec").get("selector") for item in budgets)
    if not any(each is not None and selects(each, pod.labels) for each in selectors):  # none at all chooses no pod
        yield "no PodDisruptionBudget chooses its pods"


@relation_rule(
    "workload-autoscaled",
    *SERVING,
    severity=Severity.LOW,
    evidence=links(supporting="308(a)(7)(i)"),
    remediation="add a HorizontalPodAutoscaler for the workload with minReplicas, maxReplicas and metrics.",
    link="https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/",
)
def workload_autoscaled(workload: Resource, stack: Stack) -> Findings:
    """The number of a service's pods follows the load, between bounds."""
    autoscalers = list(_autoscalers(workload, stack))
    if not autoscalers:
        yield "no HorizontalPodAutoscaler targets it"
    for autoscaler in autoscalers:
        spec = autoscaler.block("spec")
        fewest, most = spec.get("minReplicas") or 1, spec.get("maxReplicas") or 0
        if not 1 <= fewest <= most:
            yield f"{autoscaler.name} has minReplicas {fewest:.0f} and maxReplicas {most:.0f}, expected 1 <= min <= max"
        if not spec.get("metrics"):
            yield f"{autoscaler.name} has no metrics"


@relation_rule(
    "gateway-replicated",
    *SERVING,
    severity=Severity.MEDIUM,
    evidence=links(supporting="308(a)(7)(i)"),
    remediation=f"set minReplicas of the gateway's HorizontalPodAutoscaler, or its spec.replicas, to {FEWEST} or more.",
    link="https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#dealing-with-disruptions",
)
def gateway_replicated(workload: Resource, stack: Stack) -> Findings:
    """When one pod of the gateway ends another answers, in a stack that is meant to last."""
    pod_named(workload, "gateway")
    lasting(stack)
    specs = [item.block("spec") for item in _autoscalers(workload, stack)]
    pods = min((spec.get("minReplicas") or 1 for spec in specs), default=None)
    fewest = (workload.block("spec").get("replicas") or 1) if pods is None else pods
    if fewest < FEWEST:
        yield f"it may come down to {fewest:.0f} pod, expected {FEWEST} or more"


def _autoscalers(workload: Resource, stack: Stack) -> Iterator[Resource]:
    metadata, kind = workload.block("metadata"), workload.type.rpartition(":")[2]
    for item in _in_namespace(metadata.get("namespace"), AUTOSCALER, stack):
        target, sources = item.block("spec").get("scaleTargetRef") or {}, item.references.get("spec")
        named = workload.urn in sources if sources else target.get("name") == metadata.get("name")
        if named and target.get("kind") == kind:
            yield item
