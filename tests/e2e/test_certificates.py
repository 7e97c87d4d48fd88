"""Encryption inside the cluster: who may speak to Triton, and certificates that change while requests come in."""

from collections.abc import Callable, Iterator

import pytest
from cryptography import x509

from tests.e2e import certificates
from tests.e2e.api import Api, pods
from tests.e2e.audit_lines import AuditLines
from tests.e2e.conftest import Kubectl
from tests.e2e.load import Load
from tests.e2e.probes import PYTHON
from tests.e2e.waiting import until

pytestmark = pytest.mark.e2e

GATEWAY, TRITON = ("gateway", "gateway-tls"), ("inference", "triton-tls")
_SERVED = """
import socket, ssl, sys
context = ssl.create_default_context()
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
context.set_alpn_protocols(["h2"])
with socket.create_connection((sys.argv[1], int(sys.argv[2])), 5) as raw, context.wrap_socket(raw) as wrapped:
    print(ssl.DER_cert_to_PEM_cert(wrapped.getpeercert(True)))
"""
_ASK_TRITON = """
import grpc, sys
from tritonclient.grpc import InferenceServerClient
def read(name): return open("/etc/tls/" + name, "rb").read()
credentials = {
    "gateway": lambda: grpc.ssl_channel_credentials(read("ca.crt"), read("tls.key"), read("tls.crt")),
    "nobody": lambda: grpc.ssl_channel_credentials(read("ca.crt")),
}
target = "triton-headless.inference.svc.cluster.local:8001"
known = credentials.get(sys.argv[1])
client = InferenceServerClient(target, creds=known()) if known else InferenceServerClient(target)
try:
    getattr(client, sys.argv[2])(*sys.argv[3:])
    print("answered")
except Exception as error:
    print("refused", error)
"""


def served(kubectl: Kubectl, host: str, port: int) -> x509.Certificate:
    """The certificate that a server inside the cluster shows to the gateway's pod."""
    said = kubectl("exec", "-n", "gateway", "deployment/gateway", "--", PYTHON, "-c", _SERVED, host, str(port))
    return x509.load_pem_x509_certificate(said.encode())


def ask_triton(kubectl: Kubectl, who: str, *call: str) -> str:
    """What Triton answers to a caller in the gateway's pod that comes as `who`."""
    return kubectl("exec", "-n", "gateway", "deployment/gateway", "--", PYTHON, "-c", _ASK_TRITON, who, *call).strip()


def test_triton_answers_the_gateways_certificate_only(kubectl: Kubectl) -> None:
    """From the very pod that may reach it: with the certificate yes, without one no, in clear no."""
    assert ask_triton(kubectl, "gateway", "is_model_ready", "sentiment") == "answered"
    assert ask_triton(kubectl, "nobody", "is_model_ready", "sentiment").startswith("refused")
    assert ask_triton(kubectl, "in clear", "is_model_ready", "sentiment").startswith("refused")


@pytest.mark.parametrize("call", ["get_trace_settings", "get_log_settings", "get_model_repository_index"])
def test_not_even_the_gateway_administers_triton(kubectl: Kubectl, call: str) -> None:
    """What ends mutual TLS lets inference through, and nothing else."""
    assert ask_triton(kubectl, "gateway", call).startswith("refused")


@pytest.mark.parametrize("secret", [GATEWAY, TRITON], ids=["gateway", "triton"])
def test_a_certificate_comes_from_the_clusters_authority_and_lasts_for_days(api: Api, secret: tuple[str, str]) -> None:
    """Signed by the CA whose key only cert-manager's namespace holds; P-256; a month at most."""
    leaf, authority = certificates.leaf(api, *secret), certificates.authority(api)
    leaf.verify_directly_issued_by(authority.certificate)
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days <= 31


# A pod does not reach itself through its Service.
SERVERS = {GATEWAY: ("127.0.0.1", 8443), TRITON: ("triton-headless.inference.svc.cluster.local", 8001)}


def test_certificates_are_rotated_without_a_restart_and_without_a_lost_request(
    api: Api, kubectl: Kubectl, make_load: Callable[[], Load], audit_lines: AuditLines
) -> None:
    """cert-manager is told to renew, as `cmctl renew` tells it; under load the new certificates are soon what is served."""
    before = {name: served(kubectl, *server).serial_number for name, server in SERVERS.items()}
    running = identities(api)
    with make_load() as load:
        load.await_answers(20)
        for name in SERVERS:
            certificates.renew(api, *name)
        for name, server in SERVERS.items():
            until(lambda: served(kubectl, *server).serial_number != before[name], "a new certificate")  # noqa: B023
        load.await_answers(40)
    for name, server in SERVERS.items():
        assert served(kubectl, *server) == certificates.leaf(api, *name)
    assert not load.failures(), load.failures()[:3]
    assert not load.wrong()
    assert identities(api) == running
    audit_lines.await_each({str(answer.request_id) for answer in load.answers})


def identities(api: Api) -> set[tuple[str, int]]:
    """Every container of gateway and Triton that runs, and how often it was restarted."""
    return {
        (status["containerID"], status["restartCount"])
        for namespace, name in (("gateway", "gateway"), ("inference", "triton"))
        for pod in pods(api, namespace, name)
        for status in (*pod["status"]["containerStatuses"], *pod["status"].get("initContainerStatuses", []))
    }


@pytest.fixture
def expired_at_triton(api: Api, kubectl: Kubectl) -> Iterator[None]:
    """Triton shows an expired certificate, because what renews certificates does not run; it runs again afterwards."""
    manager = "/apis/apps/v1/namespaces/cert-manager/deployments/cert-manager"
    replicas = api.get(manager)["spec"]["replicas"]
    kubectl("scale", "-n", "cert-manager", "deployment/cert-manager", "--replicas=0")
    until(lambda: not pods(api, "cert-manager", "cert-manager"), "the end of cert-manager")
    try:
        certificates.expire(api, *TRITON)
        expired = certificates.leaf(api, *TRITON).serial_number
        host = "triton-headless.inference.svc.cluster.local"
        until(lambda: served(kubectl, host, 8001).serial_number == expired, "the expired certificate")
        yield
    finally:
        kubectl("scale", "-n", "cert-manager", "deployment/cert-manager", f"--replicas={replicas}")
        kubectl("rollout", "status", "-n", "cert-manager", "deployment/cert-manager", "--timeout=120s")


def test_an_expired_certificate_of_triton_is_not_accepted_and_is_replaced(
    expired_at_triton: None, api: Api, kubectl: Kubectl, make_load: Callable[[], Load], audit_lines: AuditLines
) -> None:
    """A gateway that has to connect anew answers 503, never in clear; cert-manager, once it runs, replaces the certificate."""
    with make_load() as load:
        kubectl("rollout", "restart", "-n", "inference", "deployment/triton")
        kubectl("rollout", "status", "-n", "inference", "deployment/triton", "--timeout=170s")
        until(lambda: len(pods(api, "inference", "triton")) == 1, "the end of the Triton that was connected")
        seen = load.statuses()[503]
        until(lambda: load.statuses()[503] > seen + 10, "answers of a gateway that does not trust Triton")
        kubectl("scale", "-n", "cert-manager", "deployment/cert-manager", "--replicas=1")
        load.await_answers(30, timeout_s=150)
    assert set(load.statuses()) == {200, 503}
    assert not load.wrong()
    audit_lines.await_each({str(answer.request_id) for answer in load.answers})
