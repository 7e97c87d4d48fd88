"""Namespaces that say they are the stack's keep Pod Security."""

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_objects import namespace

REFUSED = (
    Case(
        "namespace without Pod Security", namespace(), "inference-namespaces", "namespace admission-probe: pods in it"
    ),
    Case(
        "namespace with weaker Pod Security",
        namespace(**{"pod-security.kubernetes.io/enforce": "baseline"}),
        "inference-namespaces",
        "to restricted",
    ),
)
ACCEPTED = (Case("namespace", namespace(**{"pod-security.kubernetes.io/enforce": "restricted"})),)
