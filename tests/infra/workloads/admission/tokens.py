"""Pods hold no service-account token that they do not declare."""

from tests.infra.workloads.admission.case import Case
from tests.infra.workloads.admission_objects import REASON, pod_spec, secret, token, workload

REFUSED = (
    Case(
        "token for the API",
        workload(spec=pod_spec(automountServiceAccountToken=None), annotations=REASON),
        "inference-tokens",
        "set it to false",
    ),
    Case("Pod with a token", workload("Pod", token()), "inference-tokens", "volume credentials: it holds"),
    Case("no reason", workload(spec=token()), "inference-tokens", "volume credentials: it holds"),
    Case(
        "reason too short",
        workload(spec=token(), annotations={"inference/service-account-token": "needed    "}),
        "inference-tokens",
        "in 10 characters",
    ),
    Case("no audience", workload(spec=token(None), annotations=REASON), "inference-tokens", "opens the Kubernetes API"),
    Case(
        "the API's own audience",
        workload(spec=token("https://kubernetes.default.svc"), annotations=REASON),
        "inference-tokens",
        "its token is not for",
    ),
    Case(
        "lasting token",
        secret("kubernetes.io/service-account-token", **{"kubernetes.io/service-account.name": "triton"}),
        "inference-token-secrets",
        "never ends",
    ),
)
ACCEPTED = (
    Case("declared token", workload(spec=token(), annotations=REASON)),
    Case("declared token in a Pod", workload("Pod", token(), annotations=REASON)),
    Case("token for the API in system", workload(spec=token(None), annotations=REASON, namespace="system")),
    Case("Secret of a certificate's kind", secret("Opaque")),
)
