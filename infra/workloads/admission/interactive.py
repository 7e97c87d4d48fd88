"""Running pods of the gateway and of the models: nobody enters them, where texts are in memory; administrators neither.

Groups that only a holder of the cluster's own certificate authority can be in are exempt; on EKS nobody is in them. An
administrator who must get in regardless has to take away this policy's binding first, which the audit log records.
The way through the API server to a node's kubelet is closed to the same requests; the kubelet's own port is not open to people.
Port-forwarding is not entering a pod: only administrators have the right, and they reach ports with it, not memory.
"""

from infra.workloads import namespaces
from infra.workloads.admission.policy import Policy, Resources, Rule, quoted

EXEMPT = ("system:masters", "kubeadm:cluster-admins")
_NODE = "request.resource.resource == 'nodes'"

POLICY = Policy(
    name="inference-interactive",
    resources=(
        Resources("", ("pods/exec", "pods/attach", "nodes/proxy"), operations=("CONNECT",)),
        Resources("", ("pods/ephemeralcontainers",), operations=("UPDATE",)),
    ),
    conditions={"not-the-clusters-owner": f"!request.userInfo.groups.exists(g, g in {quoted(EXEMPT)})"},
    rules=(
        Rule(
            "entered",
            f"{_NODE} ? [] : [request.name]",
            "pod {} handles texts of patients and is entered by nobody: read its logs, metrics and audit lines, and change "
            "what runs by deploying it.",
        ),
        Rule(
            "enteredByNode",
            f"{_NODE} && dyn(object).?path.orValue('').matches('(^|/)(exec|run|attach|cri)(/|$)') ? [request.name] : []",
            "node {} is no way around that into pods: read their logs, metrics and audit lines instead.",
        ),
    ),
    reason="Forbidden",
    namespaces=(namespaces.GATEWAY, namespaces.INFERENCE),
)
