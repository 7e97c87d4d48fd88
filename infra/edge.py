"""The way in from the hospital's network: an internal load balancer that the program owns, and no controller.

Nothing in the cluster may make or change load balancers, so nothing outlives `pulumi destroy`. Instead, every node of
the system pool is a target on one fixed port. The gateway's Service has the traffic policy `Local`: a node without a
gateway does not answer on that port, fails the health check, and gets no requests. So the health check alone spreads
requests over the nodes that run a gateway, and each request costs one hop and keeps the balancer's address.

In a rolling update a new pod is ready before an old one goes. Its node turns healthy within
`HEALTH_CHECK.noticed_s`. The old one, told to stop, answers the health check with 503 and everything else as before for
as long again (GATEWAY_DRAIN_S): kube-proxy goes on leading to a pod that terminates and serves, where it is the only
one of its node, and the balancer turns away from the node before the pod closes its port. While no node is healthy the
balancer tries them all.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra.audit.log_archive import LOAD_BALANCER_PREFIX
from infra.context import Context
from infra.web_acl import WebAcl, WebAclArgs
from infra.workloads.gateway import HEALTH_CHECK, NODE_PORT

HTTPS, HTTP = 443, 80
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09"
"""TLS 1.3 alone, by FIPS 140-validated modules, with hybrid post-quantum key exchange for clients that offer it.

HHS takes data in motion as secured if its encryption is so validated or follows NIST SP 800-52 (74 FR 19006).
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
"""
API_PATHS = "/v1/*"
"""What callers may ask for: metrics and health stay inside."""
IDLE_S = 60
"""Less than the 75 s for which the gateway keeps a connection open, so that it never closes one under a request."""


@dataclass(frozen=True)
class EdgeArgs:
    """The balancer stands in `subnet_ids` with one security group, and answers for `domain_name` only.

    The certificate is one of ACM for that name, in the stack's region. Nodes come from `auto_scaling_groups`, by name;
    `access_logs` is the bucket for the balancer's records, by name.
    """

    context: Context
    vpc_id: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    security_group_id: pulumi.Input[str]
    domain_name: str
    certificate_arn: pulumi.Input[str]
    auto_scaling_groups: Sequence[pulumi.Input[str]]
    access_logs: pulumi.Input[str]
    logs_key_arn: pulumi.Input[str]


class Edge(pulumi.ComponentResource):
    """An internal Application Load Balancer with one HTTPS listener, guarded by a web ACL, before the gateway's nodes.

    On the HTTP port it only redirects, which is for people and probes: a program that begins there has sent its token
    and text in clear before it is told, and must be given the `https` address. Towards the gateway it encrypts again,
    without verifying the gateway's certificate: no load balancer of this kind does. The subnets, security groups and
    the VPC, which forges no addresses, say who is at the other end.
    """

    dns_name: pulumi.Output[str]
    """What `domain_name` has to be an alias of, in the DNS of the clients."""
    load_balancer: pulumi.Output[str]
    """Dimension `LoadBalancer` of its metrics in CloudWatch."""
    target_group: pulumi.Output[str]
    """Dimension `TargetGroup` of its metrics in CloudWatch."""
    web_acl: str
    """Dimension `WebACL` of its metrics in CloudWatch."""

    def __init__(self, name: str, args: EdgeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:edge:Edge", name, None, opts)
        self._args = args
        self._here = pulumi.ResourceOptions(parent=self)
        balancer, nodes = self._balancer(), self._nodes()
        guard = WebAcl("web-acl", WebAclArgs(args.context, balancer.arn, args.logs_key_arn), self._here)
        self._listener(balancer, nodes, after=guard)
        self._redirect(balancer, after=guard)
        self.dns_name = balancer.dns_name
        self.load_balancer, self.target_group = balancer.arn_suffix, nodes.arn_suffix
        self.web_acl = guard.name
        self.register_outputs({"dns_name": self.dns_name})

    def _balancer(self) -> aws.lb.LoadBalancer:
        args = self._args
        return aws.lb.LoadBalancer(
            "load-balancer",
            name=args.context.name,
            internal=True,
            load_balancer_type="application",
            ip_address_type="ipv4",
            subnets=args.subnet_ids,
            security_groups=[args.security_group_id],
            idle_timeout=IDLE_S,
            # What is not plain HTTP is refused here rather than understood differently behind.
            drop_invalid_header_fields=True,
            desync_mitigation_mode="strictest",
            # The gateway believes no such header; one that a client made up does not even arrive.
            xff_header_processing_mode="remove",
            enable_waf_fail_open=False,
            enable_deletion_protection=args.context.deletion_protection,
            access_logs=aws.lb.LoadBalancerAccessLogsArgs(
                bucket=args.access_logs, prefix=LOAD_BALANCER_PREFIX, enabled=True
            ),
            connection_logs=aws.lb.LoadBalancerConnectionLogsArgs(
                bucket=args.access_logs, prefix=LOAD_BALANCER_PREFIX, enabled=True
            ),
            opts=self._here,
        )

    def _nodes(self) -> aws.lb.TargetGroup:
        """The gateway's port of the nodes, whichever the Auto Scaling groups start."""
        args = self._args
        group = aws.lb.TargetGroup(
            "gateway-nodes",
            name=f"{args.context.name}-gw",
            vpc_id=args.vpc_id,
            target_type="instance",
            protocol="HTTPS",
            protocol_version="HTTP1",
            port=NODE_PORT,
            load_balancing_algorithm_type="least_outstanding_requests",
            # Longer than any request may take.
            deregistration_delay=30,
            health_check=aws.lb.TargetGroupHealthCheckArgs(
                protocol="HTTPS",
                path=HEALTH_CHECK.path,
                matcher="200",
                interval=HEALTH_CHECK.interval_s,
                timeout=HEALTH_CHECK.timeout_s,
                healthy_threshold=HEALTH_CHECK.changes_after,
                unhealthy_threshold=HEALTH_CHECK.changes_after,
            ),
            opts=self._here,
        )
        for number, name in enumerate(args.auto_scaling_groups):
            aws.autoscaling.Attachment(
                f"gateway-nodes-{number}", autoscaling_group_name=name, lb_target_group_arn=group.arn, opts=self._here
            )
        return group

    def _listener(self, balancer: aws.lb.LoadBalancer, nodes: aws.lb.TargetGroup, *, after: pulumi.Resource) -> None:
        """Forwards the API under the one name; a scanner that asks for an address or another path finds nothing."""
        nothing = aws.lb.ListenerDefaultActionFixedResponseArgs(
            status_code="404",
            content_type="application/json",
            message_body=json.dumps({"title": "Not Found", "status": 404}),
        )
        listener = aws.lb.Listener(
            "https",
            load_balancer_arn=balancer.arn,
            port=HTTPS,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=self._args.certificate_arn,
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="fixed-response", fixed_response=nothing)],
            routing_http_response_server_enabled=False,
            routing_http_response_strict_transport_security_header_value="max-age=31536000",
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )
        rule = aws.lb.ListenerRuleConditionArgs
        aws.lb.ListenerRule(
            "api",
            listener_arn=listener.arn,
            priority=1,
            conditions=[
                rule(host_header=aws.lb.ListenerRuleConditionHostHeaderArgs(values=[self._args.domain_name])),
                rule(path_pattern=aws.lb.ListenerRuleConditionPathPatternArgs(values=[API_PATHS])),
            ],
            actions=[aws.lb.ListenerRuleActionArgs(type="forward", target_group_arn=nodes.arn)],
            opts=self._here,
        )

    def _redirect(self, balancer: aws.lb.LoadBalancer, *, after: pulumi.Resource) -> None:
        """Nothing is forwarded from the HTTP port."""
        to_https = aws.lb.ListenerDefaultActionRedirectArgs(status_code="HTTP_301", protocol="HTTPS", port=str(HTTPS))
        aws.lb.Listener(
            "http",
            load_balancer_arn=balancer.arn,
            port=HTTP,
            protocol="HTTP",
            default_actions=[aws.lb.ListenerDefaultActionArgs(type="redirect", redirect=to_https)],
            routing_http_response_server_enabled=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[after]),
        )
