"""Between gateway and Triton both ends prove who they are, with certificates that are renewed before they end."""

from collections.abc import Iterator

from infra.workloads.admission.triton_options import GRPC_ADDRESS
from policies.rules.config_maps import config_maps_of, files_with, values_of
from policies.rules.phi_path import triton_of
from policies.rules.pods import LONG_RUNNING, Pod, variable
from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

CERTIFICATE = "kubernetes:cert-manager.io/v1:Certificate"
PROXY = "tls-proxy"
GATEWAY_FILES = ("GATEWAY_TRITON_CA", "GATEWAY_TLS_CERTIFICATE", "GATEWAY_TLS_KEY")


@relation_rule(
    "gateway-to-triton-mutual-tls",
    *LONG_RUNNING,
    severity=Severity.CRITICAL,
    evidence=links(direct="312(e)(1) 312(e)(2)(i) 312(e)(2)(ii)", supporting="312(d)"),
    remediation=f"bind Triton's gRPC to loopback ({GRPC_ADDRESS}=127.0.0.1) behind a container {PROXY} whose Envoy "
    f"configuration requires a client certificate, set {', '.join(GATEWAY_FILES)} on the gateway, and take both "
    "certificates from a Secret of a Certificate.",
    link="https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl",
)
def gateway_to_triton_mutual_tls(workload: Resource, stack: Stack) -> Findings:
    """Gateway and Triton speak TLS, and each verifies the other's certificate."""
    pod = Pod(workload)
    yield from _as_client(pod) if pod.app == "gateway" else _as_server(workload, stack)
    if not any(_issued(pod, stack)):
        yield "no volume is a Secret that a Certificate of the namespace renews"


def _as_client(pod: Pod) -> Findings:
    containers = [item for _, item in pod.containers("containers")]
    for name in GATEWAY_FILES:
        if not any(variable(item, name) for item in containers):
            yield f"{name} is unset"


def _as_server(workload: Resource, stack: Stack) -> Findings:
    pod, options = triton_of(workload)
    yield from _only_through_proxy(pod, options)
    yield from _client_verified(workload, stack)


def _only_through_proxy(pod: Pod, options: list[tuple[str, str]]) -> Findings:
    seen = dict(options).get(GRPC_ADDRESS)
    if seen not in ("127.0.0.1", "::1", "localhost"):
        yield f"{GRPC_ADDRESS} is {seen or 'unset (every address)'}, expected 127.0.0.1"
    if _proxy(pod) is None:
        yield f"no container {PROXY} stays beside Triton"


def _proxy(pod: Pod) -> Properties | None:
    """The container that ends TLS, for as long as the pod runs: a native sidecar or one beside the others."""
    sidecars = (item for _, item in pod.containers("initContainers") if item.get("restartPolicy") == "Always")
    beside = (item for _, item in pod.containers("containers"))
    return next((item for item in (*sidecars, *beside) if item.get("name") == PROXY), None)


def _client_verified(workload: Resource, stack: Stack) -> Findings:
    forwarding = [each for each in _listeners(workload, stack) if any(values_of(each, "cluster"))]
    if not forwarding:
        yield f"no ConfigMap of {PROXY} has an Envoy listener that forwards"
    for listener in forwarding:
        if list(values_of(listener, "require_client_certificate")) != [True]:
            yield f"listener {listener.get('name')} has no require_client_certificate true"
        if not any(values_of(listener, "match_typed_subject_alt_names")):
            yield f"listener {listener.get('name')} names no caller in match_typed_subject_alt_names"


def _listeners(workload: Resource, stack: Stack) -> Iterator[Properties]:
    """The listeners in every file of the workload's ConfigMaps."""
    for config_map in config_maps_of(workload, stack):
        for content in files_with("static_resources", config_map):
            yield from (content.get("static_resources") or {}).get("listeners") or ()


def _issued(pod: Pod, stack: Stack) -> Iterator[Resource]:
    """The Certificates whose Secrets the pod mounts."""
    secrets = {(item.get("secret") or {}).get("secretName") for item in pod.spec.get("volumes") or ()} - {None}
    for certificate in stack.where(CERTIFICATE, "metadata.namespace", pod.namespace):
        if certificate.block("spec").get("secretName") in secrets:
            yield certificate


@resource_rule(
    "certificate-renewed",
    CERTIFICATE,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(e)(2)(ii) 312(d)"),
    remediation="set spec.renewBefore and, but for an authority, spec.privateKey.rotationPolicy Always.",
    link="https://cert-manager.io/docs/usage/certificate/#renewal",
)
def certificate_renewed(certificate: Resource) -> Findings:
    """Certificates are renewed before they end, those of servers and clients with a new key each time."""
    spec = certificate.block("spec")
    if not (spec.get("renewBefore") or spec.get("renewBeforePercentage")):
        yield "spec.renewBefore is unset, expected a time before the end"
    policy = (spec.get("privateKey") or {}).get("rotationPolicy")
    if not spec.get("isCA") and policy != "Always":  # an authority keeps its key, so that old and new leaves verify
        yield f"spec.privateKey.rotationPolicy is {policy or 'unset'}, expected Always"
