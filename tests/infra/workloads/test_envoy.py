"""What Triton's TLS proxy lets pass: the real Envoy, with the configuration that the program gives it."""

import socket
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import grpc
import pytest

from infra.workloads.envoy import METHODS, REQUEST_TIMEOUT_S
from infra.workloads.tls_proxy import CONNECTION_S
from tests.infra.workloads.proxied import (
    CLIENT_NAME,
    SERVER_NAME,
    SERVICE,
    Proxied,
    bootstrap,
    call,
    load,
    proxied,
    until,
)
from tests.pki import Authority, Leaf, mount

FORBIDDEN = (
    "RepositoryModelLoad",
    "RepositoryModelUnload",
    "RepositoryIndex",
    "SystemSharedMemoryRegister",
    "CudaSharedMemoryRegister",
    "TraceSetting",
    "LogSettings",
    "ModelStatistics",
    "ModelConfig",
    "ModelStreamInfer",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
    "/inference.GRPCInferenceService/ModelInfer/../LogSettings",
)


@pytest.fixture(scope="module")
def authority() -> Authority:
    """The cluster's."""
    return Authority()


@pytest.fixture(scope="module")
def client(authority: Authority) -> Leaf:
    """The gateway's certificate."""
    return authority.leaf(CLIENT_NAME, "gateway")


@pytest.fixture
def certificates(tmp_path: Path, authority: Authority) -> Path:
    """The Secret of Triton's certificate, mounted."""
    folder = tmp_path / "tls"
    mount(folder, authority.leaf(SERVER_NAME), authority.pem)
    return folder


@pytest.fixture
def proxy(tmp_path: Path, certificates: Path) -> Iterator[Proxied]:
    """Envoy as it runs in the cluster."""
    with proxied(tmp_path, certificates, connection_s=CONNECTION_S) as running:
        yield running


@pytest.fixture
def gateway(proxy: Proxied, authority: Authority, client: Leaf) -> Iterator[Any]:
    """The gateway's channel."""
    with proxy.channel(authority.pem, client) as channel:
        yield channel


def refused(channel: Any, *arguments: Any) -> grpc.StatusCode:
    """The status of a call that must not succeed."""
    with channel, pytest.raises(grpc.RpcError) as failed:
        call(channel, *arguments)
    status: grpc.StatusCode = failed.value.code()
    return status


def test_the_gateway_calls_the_methods_of_inference(proxy: Proxied, gateway: Any) -> None:
    """Each reaches Triton with its message, and so does the answer."""
    assert [call(gateway, method, method.encode()) for method in METHODS] == [method.encode() for method in METHODS]
    assert proxy.upstream.methods == [f"{SERVICE}/{method}" for method in METHODS]


def test_the_largest_message_of_the_gateway_passes(gateway: Any) -> None:
    """4 MiB go through windows that are far smaller."""
    assert len(call(gateway, request=b"x" * 4 * 1024 * 1024)) == 4 * 1024 * 1024


def test_the_callers_deadline_reaches_triton(proxy: Proxied, gateway: Any) -> None:
    """It may drop what nobody waits for."""
    call(gateway, timeout_s=20)
    (remaining_s,) = proxy.upstream.time_remaining_s
    assert 0 < remaining_s <= 20


def test_who_shows_no_certificate_of_the_gateway_is_refused(proxy: Proxied, authority: Authority) -> None:
    """None, another name, another authority's, one that has ended: no request of theirs comes through."""
    strangers = {
        "none": None,
        "another workload's": authority.leaf(SERVER_NAME),
        "a shorter name": authority.leaf("gateway", "gateway.gateway.svc"),
        "a wildcard": authority.leaf("*.gateway.svc.cluster.local"),
        "another authority's": Authority().leaf(CLIENT_NAME),
        "expired": authority.leaf(CLIENT_NAME, ends=timedelta(days=-1)),
    }
    statuses = {who: refused(proxy.channel(authority.pem, identity)) for who, identity in strangers.items()}
    assert statuses == dict.fromkeys(strangers, grpc.StatusCode.UNAVAILABLE)
    assert proxy.upstream.methods == []


def test_who_speaks_no_tls_is_refused(proxy: Proxied) -> None:
    """Nothing is served in clear."""
    assert refused(proxy.plain_channel()) is grpc.StatusCode.UNAVAILABLE
    assert proxy.upstream.methods == []


def test_older_tls_is_refused(proxy: Proxied) -> None:
    """Only 1.3, at both ports."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    for port in (proxy.envoy.port, proxy.envoy.health_port):
        with pytest.raises(ssl.SSLError, match="PROTOCOL_VERSION"):
            _handshake(context, port)


def _handshake(context: ssl.SSLContext, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain, context.wrap_socket(plain):
        pass


def test_no_other_method_passes(proxy: Proxied, authority: Authority, client: Leaf) -> None:
    """Not even the gateway changes models, shared memory, traces or logs."""
    statuses = {method: refused(proxy.channel(authority.pem, client), method) for method in FORBIDDEN}
    assert statuses == dict.fromkeys(FORBIDDEN, grpc.StatusCode.PERMISSION_DENIED)
    assert proxy.upstream.methods == []


def test_nothing_is_retried(proxy: Proxied, gateway: Any) -> None:
    """Not even for a caller who asks for it with Envoy's own headers."""
    asks = (("x-envoy-retry-grpc-on", "unavailable"), ("x-envoy-max-retries", "3"))
    with pytest.raises(grpc.RpcError) as failed:
        gateway.unary_unary(f"{SERVICE}/ModelInfer")(b"fail", timeout=60, metadata=asks)
    assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
    assert len(proxy.upstream.methods) == 1


def test_nothing_of_a_request_is_written(proxy: Proxied, gateway: Any) -> None:
    """Answered, failed or refused, the log stays empty."""
    call(gateway, request=b"Maria Lopez")
    for method, request in (("ModelInfer", b"fail"), ("LogSettings", b"Maria Lopez")):
        with pytest.raises(grpc.RpcError):
            call(gateway, method, request)
    assert refused(proxy.plain_channel()) is grpc.StatusCode.UNAVAILABLE
    assert proxy.log.read_text() == ""


def test_a_renewed_certificate_is_served_without_a_lost_request(
    proxy: Proxied, gateway: Any, authority: Authority, client: Leaf
) -> None:
    """While one client calls on an open connection, the process and the connection stay and a new client sees it."""
    renewed = authority.leaf(SERVER_NAME)
    with load([gateway]) as (calls,):
        calls.goes_on()
        before = proxy.connections()
        mount(proxy.certificates, renewed, authority.pem)
        until(lambda: proxy.serial() == renewed.serial)
        assert proxy.connections() >= before
        calls.goes_on()
    assert calls.failures == []
    assert len(before) == 1
    assert proxy.process.poll() is None
    with proxy.channel(authority.pem, client) as later:
        assert call(later) == b"text"


def test_another_authority_counts_at_once(proxy: Proxied, authority: Authority, client: Leaf) -> None:
    """Its clients come in, and those of the one before do not any more."""
    other = Authority()
    renewed = other.leaf(SERVER_NAME)
    mount(proxy.certificates, renewed, other.pem)
    until(lambda: proxy.serial() == renewed.serial)
    with proxy.channel(other.pem, other.leaf(CLIENT_NAME)) as channel:
        until(lambda: _answers(channel))
    assert refused(proxy.channel(other.pem, client)) is grpc.StatusCode.UNAVAILABLE


def _answers(channel: Any) -> bool:
    try:
        return call(channel) == b"text"
    except grpc.RpcError:
        return False


def test_a_certificate_that_cannot_be_right_changes_nothing(proxy: Proxied, authority: Authority, client: Leaf) -> None:
    """With another's key the one before stays, and the next good one is taken."""
    before, broken, good = proxy.serial(), authority.leaf(SERVER_NAME), authority.leaf(SERVER_NAME)
    mount(proxy.certificates, Leaf(broken.chain, good.key), authority.pem)
    until(lambda: "certificate" in proxy.log.read_text())
    assert proxy.serial() == before
    with proxy.channel(authority.pem, client) as channel:
        assert call(channel) == b"text"
    mount(proxy.certificates, good, authority.pem)
    until(lambda: proxy.serial() == good.serial)


def test_a_connection_ends_without_a_lost_request(
    tmp_path: Path, certificates: Path, authority: Authority, client: Leaf
) -> None:
    """Its age is bounded, so that clients find new pods; what runs on it ends there, what comes goes to the next one."""
    with (
        proxied(tmp_path, certificates, connection_s=0.5) as proxy,
        proxy.channel(authority.pem, client) as channel,
        load([channel]) as (calls,),
    ):
        slow = channel.unary_unary(f"{SERVICE}/ModelInfer").future(b"block", timeout=120)
        until(proxy.upstream.blocked.is_set)
        until(_changes(proxy.connections, times=4))
        proxy.upstream.release.set()
        assert slow.result() == b"block"
        calls.goes_on()
        assert calls.failures == []


def _changes(seen: Callable[[], frozenset[int]], *, times: int) -> Callable[[], bool]:
    """Whether that many different ones have been seen."""
    found: set[int] = set()

    def condition() -> bool:
        found.update(seen())
        return len(found) >= times

    return condition


def test_is_ready_with_a_certificate_only(proxy: Proxied, tmp_path: Path, authority: Authority) -> None:
    """Without it, or without the authority, the ports are open but no probe is answered, and the kubelet restarts it."""
    assert proxy.status() == 200
    for missing in ("tls.crt", "ca.crt"):
        folder = tmp_path / missing
        folder.mkdir()
        certificates = folder / "tls"
        mount(certificates, authority.leaf(SERVER_NAME), authority.pem)
        (certificates / missing).unlink()
        with proxied(folder, certificates, connection_s=CONNECTION_S) as unready:
            assert unready.status() is None


def test_triton_that_is_away_is_unavailable(proxy: Proxied, gateway: Any) -> None:
    """A caller may then ask another pod; the proxy itself stays ready."""
    assert call(gateway) == b"text"
    proxy.upstream.stop()
    with pytest.raises(grpc.RpcError) as failed:
        call(gateway)
    assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
    assert proxy.status() == 200


def test_opens_two_ports_and_no_administration_interface(proxy: Proxied) -> None:
    """What is not configured cannot be reached, and no log of requests can be written."""
    found = bootstrap(proxy.envoy)
    ports = [each["address"]["socket_address"]["port_value"] for each in found["static_resources"]["listeners"]]
    assert ports == [proxy.envoy.port, proxy.envoy.health_port]
    assert "admin" not in found
    assert "access_log" not in str(found)


def test_inference_may_take_a_minute() -> None:
    """The caller's deadline is what governs."""
    assert REQUEST_TIMEOUT_S >= 60
