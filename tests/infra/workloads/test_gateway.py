"""The gateway as the load balancer and the kubelet see it."""

from typing import Any

import pytest

from infra.config_auth import Auth, EllipticCurveKey, JsonWebKeySet
from infra.config_types import CallerLimits, GatewaySize
from infra.workloads import audit_outlet
from infra.workloads.gateway import HEALTH_CHECK, NODE_PORT, PORT, Gateway, GatewayArgs
from tests.infra.components import Component, run_component
from tests.infra.service_constants import constant


@pytest.fixture(scope="module")
def gateway() -> Component:
    """The gateway by itself, behind a load balancer in two subnets."""
    size = GatewaySize.model_validate({"replicas": 2, "cpuMillis": 500, "cpuLimitMillis": 1000, "memoryMib": 512})
    key = EllipticCurveKey(kty="EC", crv="P-256", kid="a", x="x" * 43, y="y" * 43)
    auth = Auth(issuer="https://issuer.example", audience="inference", jwks=JsonWebKeySet(keys=(key,)))

    def build() -> None:
        edge = ("10.64.200.0/27", "10.64.200.32/27")
        Gateway("gateway", GatewayArgs("registry/gateway@sha256:0", size, auth, "dns:///triton:8001", edge_cidrs=edge))

    return run_component(build)


def container(gateway: Component) -> dict[str, Any]:
    """Its one container."""
    (only,) = gateway.only("apps/v1:Deployment")["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = only
    return found


def test_nodes_lead_to_their_own_gateways_only(gateway: Component) -> None:
    """A node without a gateway fails the health check, and the caller's address stays what it was."""
    service = gateway.only("core/v1:Service", "gateway")["spec"]
    assert service["type"] == "NodePort"
    assert service["externalTrafficPolicy"] == "Local"
    assert service["ports"] == [{"name": "https", "port": PORT, "targetPort": "https", "nodePort": NODE_PORT}]


def test_the_node_port_is_one_that_no_other_service_gets_by_chance() -> None:
    """Kubernetes hands out 30086 to 32767 first to Services that name no port."""
    assert 30000 <= NODE_PORT <= 30085


def test_only_the_load_balancer_may_call_it(gateway: Component) -> None:
    """The one rule for that port names the balancer's subnets; the other is for who fetches the audit trail."""
    rule, fetching = gateway.only("NetworkPolicy")["spec"]["ingress"]
    assert fetching["ports"] == [{"port": audit_outlet.PORT, "protocol": "TCP"}]
    assert rule == {
        "from": [{"ipBlock": {"cidr": cidr}} for cidr in ("10.64.200.0/27", "10.64.200.32/27")],
        "ports": [{"port": PORT, "protocol": "TCP"}],
    }


def test_nothing_is_served_in_clear(gateway: Component) -> None:
    """The container has one port, and the kubelet too asks over TLS."""
    assert container(gateway)["ports"] == [{"name": "https", "containerPort": PORT}]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container(gateway)[probe]["httpGet"]["scheme"] == "HTTPS"
        assert container(gateway)[probe]["httpGet"]["port"] == "https"


def test_a_stopping_gateway_serves_until_the_load_balancer_has_noticed(gateway: Component) -> None:
    """It says that it is about to stop for as long as the health check needs, and is given the time to end in order."""
    env = {each["name"]: each.get("value") for each in container(gateway)["env"]}
    drain_s = int(env["GATEWAY_DRAIN_S"])
    assert drain_s >= HEALTH_CHECK.interval_s * HEALTH_CHECK.changes_after + HEALTH_CHECK.timeout_s
    sleep_s = container(gateway)["lifecycle"]["preStop"]["sleep"]["seconds"]
    pod = gateway.only("apps/v1:Deployment")["spec"]["template"]["spec"]
    finish_s = constant("services.gateway.__main__", "GRACEFUL_SHUTDOWN_S")
    assert sleep_s + drain_s + finish_s < pod["terminationGracePeriodSeconds"]


def test_a_check_ends_before_the_next_begins() -> None:
    """Elastic Load Balancing takes no timeout as long as the interval."""
    assert HEALTH_CHECK.timeout_s < HEALTH_CHECK.interval_s


def test_the_load_balancer_asks_what_the_gateway_answers() -> None:
    """The path of the health check is the one that the service knows."""
    assert constant("services.http.draining", "HEALTH") == HEALTH_CHECK.path


def test_its_certificate_is_one_that_cert_manager_renews(gateway: Component) -> None:
    """The files that it serves with, and shows to Triton, come from the Secret of its Certificate."""
    (volume,) = [
        each for each in gateway.only("apps/v1:Deployment")["spec"]["template"]["spec"]["volumes"] if "secret" in each
    ]
    assert volume["secret"]["secretName"] == gateway.only("Certificate")["spec"]["secretName"] == "gateway-tls"
    (mount,) = [each for each in container(gateway)["volumeMounts"] if each["name"] == volume["name"]]
    env = {each["name"]: each.get("value") for each in container(gateway)["env"]}
    files = [env[name] for name in ("GATEWAY_TLS_CERTIFICATE", "GATEWAY_TLS_KEY", "GATEWAY_TRITON_CA")]
    assert files == [f"{mount['mountPath']}/{name}" for name in ("tls.crt", "tls.key", "ca.crt")]
    assert mount["readOnly"] is True


def test_gateways_count_each_other(gateway: Component) -> None:
    """By the addresses of a headless Service, which has those that are ready, in the cluster's DNS."""
    service = gateway.only("core/v1:Service", "gateway-headless")
    env = {each["name"]: each["value"] for each in container(gateway)["env"] if "value" in each}
    assert service["spec"]["clusterIP"] == "None"
    assert service["spec"]["selector"] == {"app.kubernetes.io/name": "gateway"}
    assert "publishNotReadyAddresses" not in service["spec"]
    name = f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc.cluster.local"
    assert env["GATEWAY_RATE_REPLICAS_NAME"] == name
    assert env["GATEWAY_RATE_MAX_REPLICAS"] == "3"


def test_callers_limits_are_those_of_the_stack(gateway: Component) -> None:
    """Requests and texts a minute, and requests under way."""
    env = {each["name"]: each["value"] for each in container(gateway)["env"] if "value" in each}
    limits = CallerLimits()
    assert env["GATEWAY_RATE_REQUESTS_PER_MINUTE"] == str(limits.requests_per_minute)
    assert env["GATEWAY_RATE_TEXTS_PER_MINUTE"] == str(limits.texts_per_minute)
    assert env["GATEWAY_RATE_CONCURRENCY"] == str(limits.concurrency)


def test_the_api_is_not_documented_to_callers(gateway: Component) -> None:
    """Only where AWS is emulated does it tell what it has."""
    env = {each["name"]: each.get("value") for each in container(gateway)["env"]}
    assert env["GATEWAY_DOCS"] == "false"
