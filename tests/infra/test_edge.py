"""The way in: internal, encrypted on both sides, one name, the API's paths only."""

import json
from typing import Any

import pulumi
import pytest

from infra.edge import IDLE_S, TLS_POLICY, Edge, EdgeArgs
from infra.workloads.gateway import HEALTH_CHECK, NODE_PORT
from tests.infra.components import NAME, Component, context, run_component
from tests.infra.service_constants import constant

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/a"


def made(*, deletion_protection: bool = False) -> Component:
    """The edge before the nodes of two Auto Scaling groups."""

    def build() -> dict[str, pulumi.Input[Any]]:
        edge = Edge(
            "edge",
            EdgeArgs(
                context(deletion_protection=deletion_protection),
                vpc_id="vpc-1",
                subnet_ids=["subnet-1", "subnet-2"],
                security_group_id="sg-edge",
                domain_name="inference.hospital.example",
                certificate_arn=CERTIFICATE,
                auto_scaling_groups=["eks-system-1", "eks-system-2"],
                access_logs="access-logs-abc",
                logs_key_arn="arn:aws:kms:us-east-1:123456789012:key/logs",
            ),
        )
        return {"dns_name": edge.dns_name, "web_acl": edge.web_acl}

    return run_component(build)


@pytest.fixture(scope="module")
def edge() -> Component:
    """The edge of an unprotected stack."""
    return made()


def test_the_load_balancer_is_internal(edge: Component) -> None:
    """It has private addresses in the given subnets, one security group, and no internet-facing scheme."""
    balancer = edge.only("LoadBalancer")
    assert balancer["internal"] is True
    assert balancer["loadBalancerType"] == "application"
    assert balancer["subnets"] == ["subnet-1", "subnet-2"]
    assert balancer["securityGroups"] == ["sg-edge"]
    assert balancer["ipAddressType"] == "ipv4"


def test_what_is_not_plain_http_is_refused(edge: Component) -> None:
    """Ambiguous requests, odd header names and forwarded addresses that a client made up do not reach the gateway."""
    balancer = edge.only("LoadBalancer")
    assert balancer["desyncMitigationMode"] == "strictest"
    assert balancer["dropInvalidHeaderFields"] is True
    assert balancer["xffHeaderProcessingMode"] == "remove"


def test_requests_and_connections_are_logged(edge: Component) -> None:
    """Both logs go to the bucket for access logs, below the prefix where load balancers may write."""
    balancer = edge.only("LoadBalancer")
    for log in ("accessLogs", "connectionLogs"):
        assert balancer[log] == {"bucket": "access-logs-abc", "prefix": "load-balancer", "enabled": True}


@pytest.mark.parametrize("protected", [True, False])
def test_a_protected_stack_keeps_its_load_balancer(protected: bool) -> None:
    """Deletion protection follows the stack's."""
    assert made(deletion_protection=protected).only("LoadBalancer")["enableDeletionProtection"] is protected


def test_the_gateway_keeps_connections_longer_than_the_load_balancer(edge: Component) -> None:
    """The balancer is the first to let go of an idle connection, so that no request meets a closed one."""
    assert edge.only("LoadBalancer")["idleTimeout"] == IDLE_S < constant("services.gateway.__main__", "KEEP_ALIVE_S")


def test_plain_http_is_only_redirected(edge: Component) -> None:
    """What is sent in clear is forwarded nowhere: the answer says where the API is."""
    listener = edge.only("Listener", "http")
    (action,) = listener["defaultActions"]
    assert (listener["port"], listener["protocol"]) == (80, "HTTP")
    assert action == {"type": "redirect", "redirect": {"statusCode": "HTTP_301", "protocol": "HTTPS", "port": "443"}}
    assert edge.only("ListenerRule")["listenerArn"].endswith(":https")


def test_the_api_is_served_over_current_tls(edge: Component) -> None:
    """The listener of the API speaks TLS 1.3 with the stack's certificate."""
    listener = edge.only("Listener", "https")
    assert (listener["port"], listener["protocol"]) == (443, "HTTPS")
    assert listener["certificateArn"] == CERTIFICATE
    assert listener["sslPolicy"] == TLS_POLICY
    assert "-TLS13-1-3-" in TLS_POLICY
    assert "-FIPS-" in TLS_POLICY


def test_only_the_api_under_the_one_name_is_forwarded(edge: Component) -> None:
    """Another name, a bare address, and the paths of metrics and health get a 404 that never reached the gateway."""
    (otherwise,) = edge.only("Listener", "https")["defaultActions"]
    assert otherwise["type"] == "fixed-response"
    assert otherwise["fixedResponse"]["statusCode"] == "404"
    assert json.loads(otherwise["fixedResponse"]["messageBody"])["status"] == 404
    rule = edge.only("ListenerRule")
    assert rule["conditions"] == [
        {"hostHeader": {"values": ["inference.hospital.example"]}},
        {"pathPattern": {"values": ["/v1/*"]}},
    ]
    assert [action["type"] for action in rule["actions"]] == ["forward"]


def test_the_way_to_the_gateway_is_encrypted(edge: Component) -> None:
    """Requests and health checks go over HTTPS to the gateway's fixed port of the nodes."""
    nodes = edge.only("TargetGroup")
    assert (nodes["protocol"], nodes["port"], nodes["targetType"]) == ("HTTPS", NODE_PORT, "instance")
    assert nodes["healthCheck"]["protocol"] == "HTTPS"
    assert nodes["healthCheck"]["path"] == HEALTH_CHECK.path
    assert nodes["healthCheck"]["matcher"] == "200"


def test_every_node_of_the_groups_is_a_target(edge: Component) -> None:
    """Auto Scaling registers nodes and takes them off; nothing in the cluster has a right to."""
    attached = [each.inputs for each in edge.of("Attachment")]
    assert {each["autoscalingGroupName"] for each in attached} == {"eks-system-1", "eks-system-2"}
    assert all(each["lbTargetGroupArn"].endswith(":gateway-nodes") for each in attached)


def test_no_request_is_accepted_before_it_is_guarded(edge: Component) -> None:
    """The listener waits for the web ACL's association, and that for its log."""
    assert "web-acl-association" in edge.waits_for("https")
    assert "web-acl-logging" in edge.waits_for("web-acl-association")


def test_names_fit_the_longest_environment(edge: Component) -> None:
    """Load balancers and target groups have names of 32 characters at most; an environment's has 16."""
    longest = len("inference-") + 16
    for kind in ("LoadBalancer", "TargetGroup"):
        assert longest + len(edge.only(kind)["name"]) - len(NAME) <= 32
