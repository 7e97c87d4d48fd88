"""Examples: load balancers and what guards them."""

from collections.abc import Mapping
from typing import Any

from tests.local.aws.examples.common import Example, group, vpc

TAGS = {"tags": {"owner": "platform"}}
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"


def _visible(metric: str) -> dict[str, Any]:
    return {"cloudwatchMetricsEnabled": True, "metricName": metric, "sampledRequestsEnabled": False}


EXAMPLES: Mapping[str, Example] = {
    BALANCER: Example(
        inputs=lambda r: {
            "name": "inference",
            "internal": True,
            "loadBalancerType": "application",
            "subnets": [r("aws:ec2/subnet:Subnet", "id")],
            "securityGroups": [group(r)],
            "accessLogs": {"bucket": r("logs", "bucket"), "prefix": "edge", "enabled": True},
            "connectionLogs": {"bucket": r("logs", "bucket"), "enabled": True},
            "dropInvalidHeaderFields": True,
            "desyncMitigationMode": "strictest",
            "enableDeletionProtection": True,
            "idleTimeout": 60,
            "enableHttp2": True,
            "tags": {"a": "b"},
        },
        update={"idleTimeout": 120, "enableDeletionProtection": False, "accessLogs": {"bucket": "logs"}, **TAGS},
        outputs={
            "arn": r"arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/inference/\w+",
            "arnSuffix": r"app/inference/\w+",
            "dnsName": r"inference-.*elb\.amazonaws\.com",
            "internal": "True",
            "vpcId": r"vpc-\w+",
            "zoneId": r"Z\w+",
        },
    ),
    TARGETS: Example(
        inputs=lambda r: {
            "name": "gateway",
            "port": 30443,
            "protocol": "HTTPS",
            "protocolVersion": "HTTP1",
            "vpcId": vpc(r),
            "targetType": "instance",
            "deregistrationDelay": 30,
            "loadBalancingAlgorithmType": "least_outstanding_requests",
            "healthCheck": {
                "enabled": True,
                "path": "/readyz",
                "protocol": "HTTPS",
                "port": "traffic-port",
                "matcher": "200",
                "interval": 15,
                "timeout": 5,
                "healthyThreshold": 2,
                "unhealthyThreshold": 3,
            },
            "stickiness": {"enabled": True, "type": "lb_cookie", "cookieDuration": 3600},
            "tags": {"a": "b"},
        },
        update={"deregistrationDelay": 60, "healthCheck": {"path": "/livez", "matcher": "200-299"}, **TAGS},
        outputs={"arn": r"arn:aws:elasticloadbalancing:.*:targetgroup/gateway/\w+", "arnSuffix": r"targetgroup/.*"},
    ),
    "aws:lb/listener:Listener": Example(
        inputs=lambda r: {
            "loadBalancerArn": r(BALANCER, "arn"),
            "port": 443,
            "protocol": "HTTPS",
            "sslPolicy": "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
            "certificateArn": r("aws:acm/certificate:Certificate", "arn"),
            "defaultActions": [{"type": "forward", "targetGroupArn": r(TARGETS, "arn")}],
            "routingHttpResponseServerEnabled": False,
            "routingHttpResponseStrictTransportSecurityHeaderValue": "max-age=31536000",
            "tags": {"a": "b"},
        },
        update={
            "defaultActions": [
                {
                    "type": "fixed-response",
                    "fixedResponse": {"contentType": "text/plain", "statusCode": "503", "messageBody": "closed"},
                }
            ],
            **TAGS,
        },
        outputs={"arn": r"arn:aws:elasticloadbalancing:.*:listener/app/inference/\w+/\w+"},
    ),
    "aws:lb/listenerRule:ListenerRule": Example(
        inputs=lambda r: {
            "listenerArn": r("aws:lb/listener:Listener", "arn"),
            "priority": 10,
            "conditions": [{"pathPattern": {"values": ["/v1/*"]}}, {"hostHeader": {"values": ["inference.example"]}}],
            "actions": [{"type": "forward", "targetGroupArn": r(TARGETS, "arn")}],
            "tags": {"a": "b"},
        },
        update={"conditions": [{"pathPattern": {"values": ["/v2/*"]}}], "priority": 20, **TAGS},
        outputs={"arn": r".*:listener-rule/app/inference/.*"},
    ),
    "aws:acm/certificate:Certificate": Example(
        inputs=lambda _: {
            "domainName": "inference.example",
            "subjectAlternativeNames": ["inference.example", "api.inference.example"],
            "validationMethod": "DNS",
            "tags": {"a": "b"},
        },
        update=TAGS,
        outputs={"arn": r"arn:aws:acm:us-east-1:123456789012:certificate/.*"},
    ),
    "aws:wafv2/webAcl:WebAcl": Example(
        inputs=lambda _: {
            "name": "inference",
            "scope": "REGIONAL",
            "description": "edge",
            "defaultAction": {"allow": {}},
            "rules": [
                {
                    "name": "common",
                    "priority": 1,
                    "overrideAction": {"none": {}},
                    "statement": {
                        "managedRuleGroupStatement": {
                            "vendorName": "AWS",
                            "name": "AWSManagedRulesCommonRuleSet",
                            "ruleActionOverrides": [{"name": "SizeRestrictions_BODY", "actionToUse": {"count": {}}}],
                        }
                    },
                    "visibilityConfig": _visible("common"),
                },
                {
                    "name": "rate",
                    "priority": 2,
                    "action": {"block": {}},
                    "statement": {"rateBasedStatement": {"limit": 1000, "aggregateKeyType": "IP"}},
                    "visibilityConfig": _visible("rate"),
                },
            ],
            "dataProtectionConfig": {
                "dataProtections": [{"action": "SUBSTITUTION", "field": {"fieldType": "BODY"}}],
            },
            "visibilityConfig": _visible("inference"),
            "tags": {"a": "b"},
        },
        update={"defaultAction": {"block": {}}, "description": "closed", **TAGS},
        outputs={"arn": r"arn:aws:wafv2:us-east-1:123456789012:regional/webacl/inference/.*", "lockToken": ".+"},
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Example(
        inputs=lambda r: {"webAclArn": r("aws:wafv2/webAcl:WebAcl", "arn"), "resourceArn": r(BALANCER, "arn")}
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Example(
        inputs=lambda r: {
            "resourceArn": r("aws:wafv2/webAcl:WebAcl", "arn"),
            "logDestinationConfigs": ["arn:aws:logs:us-east-1:123456789012:log-group:aws-waf-logs-inference"],
            "redactedFields": [{"singleHeader": {"name": "authorization"}}, {"queryString": {}}],
            "loggingFilter": {
                "defaultBehavior": "DROP",
                "filters": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "conditions": [{"actionCondition": {"action": "BLOCK"}}],
                    }
                ],
            },
        },
        update={"redactedFields": [{"singleHeader": {"name": "cookie"}}]},
    ),
    "aws:autoscaling/attachment:Attachment": Example(
        inputs=lambda r: {
            "autoscalingGroupName": r("aws:eks/nodeGroup:NodeGroup", "resources")[0]["autoscalingGroups"][0]["name"],
            "lbTargetGroupArn": r(TARGETS, "arn"),
        }
    ),
    "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig": Example(
        inputs=lambda r: {
            "name": "inference",
            "destinationArn": r("aws:cloudwatch/logGroup:LogGroup", "arn"),
            "tags": {"a": "b"},
        },
        update=TAGS,
        outputs={"arn": r"arn:aws:route53resolver:.*:resolver-query-log-config/rslvr-qlc-\w+", "ownerId": r"\d{12}"},
    ),
    "aws:route53/resolverQueryLogConfigAssociation:ResolverQueryLogConfigAssociation": Example(
        inputs=lambda r: {
            "resolverQueryLogConfigId": r("aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig", "id"),
            "resourceId": vpc(r),
        }
    ),
}
