"""Services: the load balancer comes in by the gateway's one node port, and nothing else does."""

from infra.workloads import namespaces
from infra.workloads.admission.policy import Policy, Resources, Rule, quoted
from infra.workloads.gateway import NAME, NODE_PORT

_GATEWAY = f"request.namespace == {quoted(namespaces.GATEWAY)} && object.metadata.name == {quoted(NAME)}"

POLICY = Policy(
    name="inference-services",
    resources=(Resources("", ("services",)),),
    variables={"type": "object.spec.?type.orValue('ClusterIP')"},
    rules=(
        Rule(
            "outside",
            "variables.type in ['LoadBalancer', 'ExternalName'] ? [variables.type] : []",
            "type {}: it leads into or out of the cluster past the load balancer and its firewall; use ClusterIP.",
        ),
        Rule(
            "externalAddresses",
            "object.spec.?externalIPs.orValue([])",
            "externalIPs {}: whoever names an address takes its traffic; remove them.",
        ),
        Rule(
            "nodePort",
            f"variables.type == 'NodePort' && !({_GATEWAY} && "
            f"object.spec.?ports.orValue([]).all(p, p.?nodePort.orValue(0) == {NODE_PORT})) ? [object.metadata.name] : []",
            f"Service {{}}: a node port is open to the whole network; use ClusterIP. Only {namespaces.GATEWAY}/{NAME} has one, "
            f"{NODE_PORT}, which the load balancer knows.",
        ),
    ),
)
