"""The way of a text with ePHI: in at the gateway, authenticated; de-identified; to Triton, which keeps none of it."""

import re

from infra.workloads.admission.triton_options import (
    ADMINISTRATION,
    LOGGING,
    NEVER,
    NOT_TRACED,
    RESTRICTED,
    RESTRICTIONS,
    TRACE,
)
from policies.rules.isolation import admits, workload_policies
from policies.rules.pods import (
    APP_LABEL,
    LONG_RUNNING,
    NAMESPACE_LABEL,
    Pod,
    command_line,
    flags,
    selects,
    variable,
)
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule, resource_rule

AUTHENTICATION = ("GATEWAY_AUTH_ISSUER", "GATEWAY_AUTH_AUDIENCE", "GATEWAY_AUTH_JWKS_FILE")
METRICS_PORT = 8002
GATEWAY_LABELS = {APP_LABEL: "gateway"}
GATEWAY_NAMESPACE = {NAMESPACE_LABEL: "gateway"}
TRITON_GUIDE = (
    "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/customization_guide/deploy.html"
)


def pod_named(workload: Resource, app: str) -> Pod:
    """The pod of an application, by its label; raises NotApplicable for another pod."""
    pod = Pod(workload)
    if pod.app != app:
        raise NotApplicable(f"applies to pods labelled {APP_LABEL}: {app}")
    return pod


def triton_of(workload: Resource) -> tuple[Pod, list[tuple[str, str]]]:
    """Triton's pod and its options; raises NotApplicable for another pod."""
    pod = Pod(workload)
    words = command_line(pod)
    if pod.app != "triton" and not any(word.rpartition("/")[2] == "tritonserver" for word in words):
        raise NotApplicable(f"applies to pods labelled {APP_LABEL}: triton and to those that run tritonserver")
    return pod, list(flags(words))


@resource_rule(
    "gateway-requires-authentication",
    *LONG_RUNNING,
    severity=Severity.CRITICAL,
    evidence=links(direct="312(d) 312(a)(1)", supporting="312(a)(2)(i)"),
    remediation=f"set {', '.join(AUTHENTICATION)} on the gateway's container, the issuer as an https address.",
    link="https://www.rfc-editor.org/rfc/rfc9068",
)
def gateway_requires_authentication(workload: Resource) -> Findings:
    """The gateway verifies who calls it: an issuer, an audience and keys are set."""
    containers = [item for _, item in pod_named(workload, "gateway").containers("containers")]
    for name in AUTHENTICATION:
        if not any(variable(item, name) for item in containers):
            yield f"{name} is unset"
    issuer = next(filter(None, (variable(item, "GATEWAY_AUTH_ISSUER") for item in containers)), "")
    if issuer and not issuer.startswith("https://"):
        yield f"GATEWAY_AUTH_ISSUER is {issuer}, expected an https address"


@resource_rule(
    "triton-admin-closed",
    *LONG_RUNNING,
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(c)(1)"),
    remediation=f"leave out {', '.join(ADMINISTRATION)} and restrict {', '.join(sorted(RESTRICTED))} with "
    f"{' and '.join(RESTRICTIONS)}.",
    link=TRITON_GUIDE,
)
def triton_admin_closed(workload: Resource) -> Findings:
    """Whoever may ask Triton for predictions may not change models, tracing or logging."""
    _, options = triton_of(workload)
    for name, value in options:
        if name in ADMINISTRATION and value not in ADMINISTRATION[name]:
            yield f"{name} is {value or 'on'}, expected {ADMINISTRATION[name][0]}"
    for flag in RESTRICTIONS:
        restricted = {item for name, value in options if name == flag for item in value.partition(":")[0].split(",")}
        if left := sorted({*RESTRICTED} - restricted):
            yield f"{flag} leaves {', '.join(left)} open"


@resource_rule(
    "triton-inputs-not-retained",
    *LONG_RUNNING,
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1)"),
    remediation="remove the response cache, --log-verbose and tracing of tensors.",
    link=TRITON_GUIDE,
)
def triton_inputs_not_retained(workload: Resource) -> Findings:
    """Triton keeps no copy of what it was asked: no response cache, no verbose log, no trace of tensors."""
    for name, value in triton_of(workload)[1]:
        if name in NEVER:
            yield f"{name} is set, expected no response cache"
        if name in LOGGING and value not in LOGGING[name]:
            yield f"{name} is {value or 'on'}, expected {LOGGING[name][0]}"
        if name in TRACE and NOT_TRACED in value.upper():
            yield f"{name} is {value}, expected no trace of tensors"


@relation_rule(
    "triton-reached-by-gateway-only",
    *LONG_RUNNING,
    severity=Severity.CRITICAL,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation=f"admit in a NetworkPolicy for Triton only pods {GATEWAY_LABELS} of namespaces {GATEWAY_NAMESPACE} "
    f"(others at port {METRICS_PORT} alone).",
    link="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
)
def triton_reached_by_gateway_only(workload: Resource, stack: Stack) -> Findings:
    """Inference requests come to Triton from the gateway alone, which has de-identified them."""
    triton_of(workload)
    governing = list(workload_policies(workload, stack))
    if not governing:
        yield "no NetworkPolicy governs what reaches the pods"
    for policy in governing:
        for index, rule in enumerate(admits(policy)):
            if not _metrics_only(rule) and not _from_gateway(rule):
                yield f"{policy.name} ingress[{index}] admits others than the gateway"


def _metrics_only(rule: Properties) -> bool:
    ports = rule.get("ports") or ()
    return (
        bool(ports)
        and bool(rule.get("from"))
        and all(
            str(item.get("port")) in ("metrics", f"{METRICS_PORT}", f"{METRICS_PORT}.0") and not item.get("endPort")
            for item in ports
        )
    )


def _from_gateway(rule: Properties) -> bool:
    peers = rule.get("from") or ()
    return bool(peers) and all(
        peer.get("podSelector")
        and peer.get("namespaceSelector")
        and _only(peer["podSelector"], GATEWAY_LABELS)
        and _only(peer["namespaceSelector"], GATEWAY_NAMESPACE)
        for peer in peers
    )


def _only(selector: Properties, labels: dict[str, str]) -> bool:
    """Whether a selector requires these labels."""
    wanted = selector.get("matchLabels") or {}
    return all(wanted.get(key) == value for key, value in labels.items()) and selects(selector, {**wanted, **labels})


@resource_rule(
    "model-hash-verified",
    *LONG_RUNNING,
    severity=Severity.HIGH,
    evidence=links(supporting="312(c)(1)"),
    remediation="set MODEL_MANIFEST_SHA256 to the 64 hexadecimal digits of the manifest's hash beside MODEL_URI.",
    link="https://csrc.nist.gov/pubs/fips/180-4/upd1/final",
)
def model_hash_verified(workload: Resource) -> Findings:
    """A pod that fetches a model knows the hash it must have."""
    fetching = [
        (where, item)
        for where, item in Pod(workload).containers()
        if any(entry["name"] == "MODEL_URI" for entry in item.get("env") or ())
    ]
    if not fetching:
        raise NotApplicable("applies to pods that fetch a model (MODEL_URI)")
    for where, item in fetching:
        if not re.fullmatch("[0-9a-f]{64}", variable(item, "MODEL_MANIFEST_SHA256") or ""):
            yield f"{where} has no MODEL_MANIFEST_SHA256 of 64 hexadecimal digits"
