"""Triton behind its TLS proxy: what of the pod is reached, by whom, and how it ends."""

import json
from typing import Any

import pytest

from infra.workloads.tls_proxy import CONNECTION_S, HEALTH_PORT
from infra.workloads.triton import ARGUMENTS, EXIT_TIMEOUT_S, GATEWAY_NAME, Triton
from tests.infra.conftest import Program

TTL_S = 5
"""How long CoreDNS lets an answer be kept: https://coredns.io/plugins/kubernetes/"""


@pytest.fixture(scope="module")
def pod(prod: Program) -> dict[str, Any]:
    """Its pod."""
    spec: dict[str, Any] = prod.only("Deployment", "triton")["spec"]["template"]["spec"]
    return spec


@pytest.fixture(scope="module")
def proxy(pod: dict[str, Any]) -> dict[str, Any]:
    """The sidecar."""
    (found,) = [each for each in pod["initContainers"] if each["name"] == "tls-proxy"]
    container: dict[str, Any] = found
    return container


@pytest.fixture(scope="module")
def envoy(prod: Program, pod: dict[str, Any]) -> dict[str, Any]:
    """The sidecar's configuration, by way of the volume that it is mounted from."""
    files = next(each for each in prod.of("ConfigMap") if each.name == "triton-tls-proxy")
    (volume,) = [each for each in pod["volumes"] if each["name"] == "tls-proxy"]
    assert files.inputs["immutable"] is True
    assert volume["configMap"]["name"].startswith("triton-tls-proxy")
    found: dict[str, Any] = json.loads(files.inputs["data"]["envoy.json"])
    return found


def values(found: Any, key: str) -> list[Any]:
    """What stands under a key, anywhere."""
    if isinstance(found, list):
        return [value for each in found for value in values(each, key)]
    if not isinstance(found, dict):
        return []
    return [*([found[key]] if key in found else []), *(value for each in found.values() for value in values(each, key))]


def test_grpc_is_reached_through_the_proxy_alone(pod: dict[str, Any], proxy: dict[str, Any], prod: Program) -> None:
    """Triton's own gRPC is on loopback; the port that Services and the NetworkPolicy name is the proxy's."""
    (triton,) = pod["containers"]
    assert "--grpc-address=127.0.0.1" in ARGUMENTS
    assert [each["name"] for each in triton["ports"]] == ["http", "metrics"]
    assert {"name": "grpc", "containerPort": 8001} in proxy["ports"]
    for service in ("triton", "triton-headless"):
        ports = prod.only("Service", service)["spec"]["ports"]
        assert {"name": "grpc", "port": 8001, "targetPort": "grpc"} in ports
    assert Triton.balanced_url.endswith(":8001")


def test_the_proxy_forwards_to_where_triton_listens(envoy: dict[str, Any]) -> None:
    """One upstream, on loopback."""
    (cluster,) = envoy["static_resources"]["clusters"]
    (port,) = [each.partition("=")[2] for each in ARGUMENTS if each.startswith("--grpc-port=")]
    assert values(cluster, "socket_address") == [{"address": "127.0.0.1", "port_value": int(port)}]


def test_the_proxy_admits_the_gateways_certificate_alone(envoy: dict[str, Any], prod: Program) -> None:
    """The name that it asks for is one that the gateway's certificate has."""
    grpc, health = envoy["static_resources"]["listeners"]
    assert values(grpc, "require_client_certificate") == [True]
    assert values(grpc, "regex") == [GATEWAY_NAME.replace(".", r"\.")]
    assert GATEWAY_NAME in prod.only("Certificate", "gateway-tls")["spec"]["dnsNames"]
    assert values(health, "cluster") == []


def test_the_key_is_the_proxys_alone(pod: dict[str, Any], proxy: dict[str, Any]) -> None:
    """Neither Triton nor the init container, which read models and requests, sees it."""
    (volume,) = [each for each in pod["volumes"] if "secret" in each]
    assert volume["secret"] == {"secretName": "triton-tls", "defaultMode": 0o440}
    holders = [
        container["name"]
        for container in (*pod["containers"], *pod["initContainers"])
        if volume["name"] in {mount["name"] for mount in container["volumeMounts"]}
    ]
    assert holders == ["tls-proxy"]
    assert all(mount["readOnly"] for mount in proxy["volumeMounts"])


def test_the_proxy_is_there_before_triton_and_after_it(pod: dict[str, Any], proxy: dict[str, Any]) -> None:
    """A native sidecar, started last of the init containers, probed over TLS like a container that stays."""
    assert [each["name"] for each in pod["initContainers"]] == ["fetch-and-verify-model", "tls-proxy"]
    assert proxy["restartPolicy"] == "Always"
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = proxy[probe]["httpGet"]
        assert (asked["path"], asked["scheme"]) == ("/ready", "HTTPS")
        assert {"name": asked["port"], "containerPort": HEALTH_PORT} in proxy["ports"]


def test_a_pod_that_goes_is_left_before_triton_stops(pod: dict[str, Any]) -> None:
    """A client's connection ends, and it looks up the name; if that was too early, once more. Then Triton may finish."""
    (triton,) = pod["containers"]
    drain_s = triton["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert drain_s > CONNECTION_S + TTL_S
    assert pod["terminationGracePeriodSeconds"] > drain_s + EXIT_TIMEOUT_S
