"""Workloads of the cluster that call the gateway with a certificate, and the keys that change under the gateway's pods."""

from typing import Any

import pytest
import yaml

from infra.config_auth import Auth
from infra.config_types import GatewaySize, NodeCounts, Workloads
from infra.workloads.gateway import PORT, Gateway, GatewayArgs
from infra.workloads.namespaces import GATEWAY
from infra.workloads.quotas import QuotasArgs, rooms
from tests.infra.components import Component, run_component
from tests.infra.conftest import Program
from tests.infra.workloads import published_schemas
from tests.infra.workloads.strict_schemas import Api
from tests.infra.workloads.test_quotas import hard
from tests.infra.workloads.test_schemas import whole

SIZE = GatewaySize.model_validate({"replicas": 2, "cpuMillis": 500, "cpuLimitMillis": 1000, "memoryMib": 512})
BATCH = {"service": "batch", "namespace": "inference", "scopes": ["classify", "deidentify"]}
REVIEW = {"service": "review", "namespace": "gateway", "scopes": ["audit:read"]}
KEY = {"kty": "EC", "crv": "P-256", "kid": "a", "x": "x" * 43, "y": "y" * 43}


def auth(*callers: dict[str, Any]) -> Auth:
    """With these callers."""
    values = {"issuer": "https://issuer.example", "audience": "inference", "jwks": {"keys": [KEY]}, "callers": callers}
    return Auth.model_validate(values)


def gateway(*callers: dict[str, Any]) -> Component:
    """The gateway by itself, with these callers."""

    def build() -> None:
        args = GatewayArgs(
            "registry/gateway@sha256:0", SIZE, auth(*callers), "dns:///triton:8001", edge_cidrs=["10.64.200.0/27"]
        )
        Gateway("gateway", args)

    return run_component(build)


@pytest.fixture(scope="module")
def called() -> Component:
    """With a caller in each namespace."""
    return gateway(BATCH, REVIEW)


@pytest.fixture(scope="module")
def uncalled() -> Component:
    """As by default: without any."""
    return gateway()


def environment(component: Component) -> dict[str, str]:
    """Of the gateway's container."""
    (only,) = component.only("apps/v1:Deployment")["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each.get("value", "") for each in only["env"]}


def known(component: Component) -> dict[str, Any]:
    """The ConfigMap from which the gateway knows callers."""
    found: dict[str, Any] = component.only("ConfigMap", "gateway-auth")
    return found


def test_the_mapping_says_what_each_may_do(called: Component) -> None:
    """By the name that is in its certificate."""
    mapping = yaml.safe_load(known(called)["data"]["callers.yaml"])
    assert mapping == {
        "callers": [
            {"san": "batch.inference.svc.cluster.local", "scopes": ["classify", "deidentify"]},
            {"san": "review.gateway.svc.cluster.local", "scopes": ["audit:read"]},
        ]
    }
    assert environment(called)["GATEWAY_AUTH_CALLERS_FILE"] == "/etc/gateway/callers.yaml"


@pytest.mark.parametrize(("service", "namespace"), [("batch", "inference"), ("review", "gateway")])
def test_each_gets_a_certificate_as_a_client_alone(called: Component, service: str, namespace: str) -> None:
    """For the one name, in its own namespace, and for no server."""
    certificate = called.only("Certificate", f"{service}-tls")
    assert certificate["metadata"]["namespace"] == namespace
    assert certificate["spec"]["dnsNames"] == [f"{service}.{namespace}.svc.cluster.local"]
    assert certificate["spec"]["usages"] == ["digital signature", "client auth"]
    assert certificate["spec"]["secretName"] == f"{service}-tls"


def test_each_gets_to_the_gateway_and_nobody_else_does(called: Component, uncalled: Component) -> None:
    """Pods with the caller's name in its namespace, at the port that speaks TLS; both sides of the connection say so."""
    before = uncalled.only("NetworkPolicy", "gateway")["spec"]["ingress"]
    added = [each for each in called.only("NetworkPolicy", "gateway")["spec"]["ingress"] if each not in before]
    assert [each["ports"] for each in added] == [[{"port": PORT, "protocol": "TCP"}]] * 2
    assert [each["from"] for each in added] == [[pods("inference", "batch")], [pods("gateway", "review")]]
    (batch,) = [each.inputs for each in called.of("NetworkPolicy") if each.name == "batch-to-gateway"]
    assert batch["metadata"]["namespace"] == "inference"
    assert batch["spec"]["podSelector"]["matchLabels"] == {"app.kubernetes.io/name": "batch"}
    assert batch["spec"]["policyTypes"] == ["Egress"]
    (rule,) = batch["spec"]["egress"]
    assert rule == {"to": [pods("gateway", "gateway")], "ports": [{"port": PORT, "protocol": "TCP"}]}


def pods(namespace: str, name: str) -> dict[str, Any]:
    """Of a network policy: the pods of one name in one namespace."""
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "podSelector": {"matchLabels": {"app.kubernetes.io/name": name}},
    }


def test_without_callers_no_certificate_is_asked_for(uncalled: Component) -> None:
    """No mapping, no setting, and no certificate but the gateway's own."""
    assert set(known(uncalled)["data"]) == {"jwks.json"}
    assert "GATEWAY_AUTH_CALLERS_FILE" not in environment(uncalled)
    assert {each.name for each in uncalled.of("Certificate")} == {"gateway-tls"}


def test_keys_change_under_the_pods(uncalled: Component, prod: Program) -> None:
    """The ConfigMap is not immutable and the provider leaves it its name, so that pods with it mounted see the change."""
    assert "immutable" not in known(uncalled)
    assert str(prod.only("providers:kubernetes")["enableConfigMapMutable"]).lower() == "true"
    others = [each for each in prod.of("ConfigMap") if each.name != "gateway-auth"]
    assert all(each.inputs["immutable"] is True for each in others if each.inputs["metadata"]["namespace"] == GATEWAY)


@pytest.mark.parametrize("version", ["1.34", "1.35"])
def test_what_a_caller_gets_is_what_the_api_serves(called: Component, version: str) -> None:
    """Every manifest of the gateway with callers fits the published schemas, cert-manager's among them."""
    api = Api(published_schemas.kubernetes(version), published_schemas.cert_manager())
    made = [each for each in called.resources if each.type.startswith("kubernetes:")]
    assert {"batch-tls", "batch-to-gateway", "gateway-auth"} <= {each.name for each in made}
    assert [fault for each in made for fault in api.faults(whole(each.inputs))] == []


def test_the_quota_has_room_for_their_certificates(prod: Program) -> None:
    """Two Secrets for each, the one in use and the next one's key."""
    workloads = Workloads.model_validate({name: SIZE for name in ("gateway", "fastapi-svc", "triton")})
    nodes = NodeCounts(min=0, desired=0, max=1)
    args = QuotasArgs(workloads, nodes, 1, callers=auth(BATCH, REVIEW).callers)
    for namespace in ("gateway", "inference"):
        more = int(rooms(args)[namespace].hard()["secrets"]) - int(hard(prod, namespace)["secrets"])
        assert more == 2


def test_the_settings_follow_the_configuration() -> None:
    """Lifetime and type of tokens are what the stack says."""
    values = auth().model_dump(by_alias=True) | {"maxLifetimeSeconds": 7200, "acceptTypJwt": True}

    def build() -> None:
        args = GatewayArgs("r@sha256:0", SIZE, Auth.model_validate(values), "dns:///triton:8001", edge_cidrs=[])
        Gateway("gateway", args)

    env = environment(run_component(build))
    assert (env["GATEWAY_AUTH_MAX_LIFETIME_S"], env["GATEWAY_AUTH_ACCEPT_TYP_JWT"]) == ("7200", "true")
