"""Services stay inside the cluster."""

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_objects import service

REFUSED = (
    Case("load balancer", service(type="LoadBalancer"), "inference-services", "type LoadBalancer"),
    Case(
        "name elsewhere",
        service(type="ExternalName", externalName="example.com"),
        "inference-services",
        "type ExternalName",
    ),
    Case("external address", service(externalIPs=["192.0.2.1"]), "inference-services", "externalIPs 192.0.2.1"),
    Case("node port", service(type="NodePort"), "inference-services", "Only gateway/gateway has one"),
    Case(
        "the gateway's port for another",
        service(type="NodePort", ports=[{"port": 8443, "nodePort": 30044}], namespace="gateway"),
        "inference-services",
        "Only gateway/gateway has one",
    ),
)
ACCEPTED = (
    Case("Service", service()),
    Case("headless Service", service(clusterIP="None")),
)
