"""Identities in the cluster: each workload its own, whose token nobody gets without asking."""

from policies.rules.pods import WORKLOADS, Pod
from policies.rules.resource import Resource
from policies.rules.rule import Findings, Severity, links, resource_rule

GUIDE = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"


@resource_rule(
    "pod-service-account-own",
    *WORKLOADS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(2)(i) 308(a)(4)(ii)(B)"),
    remediation="make a ServiceAccount for the workload and set serviceAccountName.",
    link=GUIDE,
)
def pod_service_account_own(workload: Resource) -> Findings:
    """No workload shares the identity that every pod of a namespace begins with."""
    spec = Pod(workload).spec
    name = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    if name == "default":
        yield "serviceAccountName is unset or default, expected one of its own"


@resource_rule(
    "service-account-token-not-automounted",
    "kubernetes:core/v1:ServiceAccount",
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(1) 308(a)(4)(ii)(B)"),
    remediation="set automountServiceAccountToken to false; project a token with an audience where one is needed.",
    link=GUIDE,
)
def service_account_token_not_automounted(account: Resource) -> Findings:
    """No pod gets credentials for the Kubernetes API by using a service account."""
    seen = account.props.get("automountServiceAccountToken")
    if seen is not False:
        yield f"automountServiceAccountToken is {'unset (true)' if seen is None else seen}, expected false"


@resource_rule(
    "secret-no-lasting-token",
    "kubernetes:core/v1:Secret",
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(2)(i) 312(d)"),
    remediation="remove the Secret, and project a token that ends into the pod that needs one.",
    link="https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets",
    optional=True,
)
def secret_no_lasting_token(secret: Resource) -> Findings:
    """No Secret holds a service account's token, which never ends there."""
    if secret.props.get("type") == "kubernetes.io/service-account-token":
        yield "type is kubernetes.io/service-account-token, whose token does not end"
