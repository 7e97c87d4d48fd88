"""Load balancers and target groups."""

from collections.abc import Callable
from typing import Any

from local.aws.api import Api, ApiError
from local.aws.resource import Call, Resource, Scope
from local.aws.resources.attributes import TAGS, Block, attributes

_BALANCER, _GROUP = "aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup"


def _logs(name: str) -> Block:
    return Block(keys={part: f"{name}.s3.{part}" for part in ("enabled", "bucket", "prefix")}, enabled=False)


_read_balancer, _set_balancer, _balancer_outputs = attributes(
    _BALANCER,
    "load_balancer",
    "LoadBalancerArn",
    {
        "accessLogs": _logs("access_logs"),
        "connectionLogs": _logs("connection_logs"),
        "clientKeepAlive": "client_keep_alive.seconds",
        "desyncMitigationMode": "routing.http.desync_mitigation_mode",
        "dropInvalidHeaderFields": "routing.http.drop_invalid_header_fields.enabled",
        "enableCrossZoneLoadBalancing": "load_balancing.cross_zone.enabled",
        "enableDeletionProtection": "deletion_protection.enabled",
        "enableHttp2": "routing.http2.enabled",
        "enableTlsVersionAndCipherSuiteHeaders": "routing.http.x_amzn_tls_version_and_cipher_suite.enabled",
        "enableWafFailOpen": "waf.fail_open.enabled",
        "enableXffClientPort": "routing.http.xff_client_port.enabled",
        "idleTimeout": "idle_timeout.timeout_seconds",
        "preserveHostHeader": "routing.http.preserve_host_header.enabled",
        "xffHeaderProcessingMode": "routing.http.xff_header_processing.mode",
    },
)
_read_group, _set_group, _group_outputs = attributes(
    _GROUP,
    "target_group",
    "TargetGroupArn",
    {
        "connectionTermination": "deregistration_delay.connection_termination.enabled",
        "deregistrationDelay": "deregistration_delay.timeout_seconds",
        "loadBalancingAlgorithmType": "load_balancing.algorithm.type",
        "loadBalancingCrossZoneEnabled": "load_balancing.cross_zone.enabled",
        "preserveClientIp": "preserve_client_ip.enabled",
        "proxyProtocolV2": "proxy_protocol_v2.enabled",
        "slowStart": "slow_start.duration_seconds",
        "stickiness": Block(
            keys={
                "enabled": "stickiness.enabled",
                "type": "stickiness.type",
                "cookieDuration": "stickiness.lb_cookie.duration_seconds",
                "cookieName": "stickiness.app_cookie.cookie_name",
            },
            enabled=True,
        ),
    },
)


def _scheme(scope: Scope) -> str:
    return "internal" if scope.get("internal") else "internet-facing"


def _subnets(_api: Api, scope: Scope) -> list[str]:
    return [zone["SubnetId"] for zone in scope["AvailabilityZones"]]


def _refuse_protected(api: Api, scope: Scope) -> None:
    """AWS keeps a load balancer with deletion protection; moto does not."""
    pairs = api.call("elbv2", "describe_load_balancer_attributes", {"LoadBalancerArn": scope["id"]})["Attributes"]
    if {"Key": "deletion_protection.enabled", "Value": "true"} in pairs:
        raise ApiError("delete_load_balancer was refused: OperationNotPermitted: deletion protection is enabled.")


def _check(name: str) -> Callable[[Scope], Any]:
    return lambda scope: scope["healthCheck"][name]


_HEALTH_CHECK = {
    "HealthCheckEnabled": _check("enabled"),
    "HealthCheckProtocol": _check("protocol"),
    "HealthCheckPort": _check("port"),
    "HealthCheckPath": _check("path"),
    "HealthCheckIntervalSeconds": _check("interval"),
    "HealthCheckTimeoutSeconds": _check("timeout"),
    "HealthyThresholdCount": _check("healthyThreshold"),
    "UnhealthyThresholdCount": _check("unhealthyThreshold"),
    "Matcher": lambda scope: {"HttpCode": scope["healthCheck"]["matcher"]},
}


def _health_check(_api: Api, scope: Scope) -> dict[str, Any]:
    names = {
        "enabled": "HealthCheckEnabled",
        "protocol": "HealthCheckProtocol",
        "port": "HealthCheckPort",
        "path": "HealthCheckPath",
        "interval": "HealthCheckIntervalSeconds",
        "timeout": "HealthCheckTimeoutSeconds",
        "healthyThreshold": "HealthyThresholdCount",
        "unhealthyThreshold": "UnhealthyThresholdCount",
    }
    found = {name: scope[member] for name, member in names.items() if scope.get(member) is not None}
    return found | ({"matcher": scope["Matcher"]["HttpCode"]} if scope.get("Matcher") else {})


def _suffix(noun: str) -> Callable[[Api, Scope], str]:
    """The part of the ARN that CloudWatch names the metrics by."""
    return lambda _api, scope: str(scope["id"]).partition(f":{noun}/")[2]


RESOURCES = (
    Resource(
        kind=_BALANCER,
        service="elbv2",
        id="{LoadBalancerArn}",
        autoname="name",
        tagging=TAGS,
        create=Call(
            operation="create_load_balancer",
            params={"Scheme": _scheme},
            inputs=("name", "subnets", "subnetMappings", "securityGroups", "ipAddressType", "loadBalancerType"),
            result="LoadBalancers[0]",
        ),
        read=(
            Call(operation="describe_load_balancers", params={"LoadBalancerArns": ["{id}"]}, result="LoadBalancers[0]"),
            _read_balancer,
        ),
        update=(
            _set_balancer,
            Call(operation="set_security_groups", params={"LoadBalancerArn": "{id}"}, inputs=("securityGroups",)),
            Call(operation="set_subnets", params={"LoadBalancerArn": "{id}"}, inputs=("subnets",)),
            Call(operation="set_ip_address_type", params={"LoadBalancerArn": "{id}"}, inputs=("ipAddressType",)),
        ),
        prepare=_refuse_protected,
        delete=Call(operation="delete_load_balancer", params={"LoadBalancerArn": "{id}"}),
        rename={
            "name": "Name",
            "loadBalancerType": "Type",
            "arn": "LoadBalancerArn",
            "zoneId": "CanonicalHostedZoneId",
        },
        fixed=("internal",),
        defaults={
            "clientKeepAlive": 3600,
            "desyncMitigationMode": "defensive",
            "dropInvalidHeaderFields": False,
            "enableDeletionProtection": False,
            "enableHttp2": True,
            "enableTlsVersionAndCipherSuiteHeaders": False,
            "enableWafFailOpen": False,
            "enableXffClientPort": False,
            "idleTimeout": 60,
            "ipAddressType": "ipv4",
            "loadBalancerType": "application",
            "preserveHostHeader": False,
            "xffHeaderProcessingMode": "append",
        },
        outputs={
            **_balancer_outputs,
            "arn": "{id}",
            "arnSuffix": _suffix("loadbalancer"),
            "name": "{LoadBalancerName}",
            "internal": lambda _api, scope: scope["Scheme"] == "internal",
            "subnets": _subnets,
        },
        unread=("subnetMappings",),
    ),
    Resource(
        kind=_GROUP,
        service="elbv2",
        id="{TargetGroupArn}",
        autoname="name",
        tagging=TAGS,
        create=Call(
            operation="create_target_group",
            params=_HEALTH_CHECK,
            inputs=(
                "name",
                "port",
                "protocol",
                "protocolVersion",
                "vpcId",
                "targetType",
                "ipAddressType",
                "healthCheck",
            ),
            result="TargetGroups[0]",
        ),
        read=(
            Call(operation="describe_target_groups", params={"TargetGroupArns": ["{id}"]}, result="TargetGroups[0]"),
            _read_group,
        ),
        update=(
            _set_group,
            Call(
                operation="modify_target_group",
                params={"TargetGroupArn": "{id}", **_HEALTH_CHECK},
                inputs=("healthCheck",),
            ),
        ),
        delete=Call(operation="delete_target_group", params={"TargetGroupArn": "{id}"}),
        defaults={"targetType": "instance", "deregistrationDelay": 300, "slowStart": 0},
        outputs={
            **_group_outputs,
            "arn": "{id}",
            "arnSuffix": lambda _api, scope: str(scope["id"]).rpartition(":")[2],
            "name": "{TargetGroupName}",
            "healthCheck": _health_check,
        },
    ),
)
