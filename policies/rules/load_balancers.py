"""Load balancers: inside, encrypted on both sides, behind a firewall, and recorded."""

import re

from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule, resource_rule

LOAD_BALANCERS = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")
LISTENERS = ("aws:lb/listener:Listener", "aws:alb/listener:Listener")
LISTENER_RULES = ("aws:lb/listenerRule:ListenerRule", "aws:alb/listenerRule:ListenerRule")
TARGET_GROUPS = ("aws:lb/targetGroup:TargetGroup", "aws:alb/targetGroup:TargetGroup")
ENCRYPTED = ("HTTPS", "TLS")
CURRENT_TLS = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23]|TLS-1-2|FS-1-2)-")
"""Security policies that accept TLS 1.2 and 1.3 only; the one that is taken where none is named accepts TLS 1.0."""

CERTIFICATES = ("aws:acm/certificate:Certificate", "aws:acm/certificateValidation:CertificateValidation")
MANAGED = re.compile(r"arn:aws[a-z-]*:acm:")


@resource_rule(
    "load-balancer-internal",
    *LOAD_BALANCERS,
    severity=Severity.CRITICAL,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="set internal to true and let clients come through private connections.",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html",
)
def load_balancer_internal(balancer: Resource) -> Findings:
    """Load balancers have private addresses only."""
    if balancer.props.get("internal") is not True:
        yield f"internal is {balancer.props.get('internal', 'unset')}, expected true"


@relation_rule(
    "load-balancer-listener-tls",
    *LISTENERS,
    severity=Severity.CRITICAL,
    evidence=links(direct="312(e)(1) 312(e)(2)(i) 312(e)(2)(ii)"),
    remediation="listen with protocol HTTPS and sslPolicy ELBSecurityPolicy-TLS13-1-2-…, and redirect HTTP there.",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html",
)
def load_balancer_listener_tls(listener: Resource, stack: Stack) -> Findings:
    """Clients speak TLS 1.2 or later with the load balancer; without TLS they are only sent to where there is TLS."""
    protocol, policy = listener.props.get("protocol"), listener.props.get("sslPolicy")
    if protocol in ENCRYPTED:
        if not CURRENT_TLS.match(policy or ""):
            yield f"sslPolicy is {policy or 'unset'}, expected one that begins at TLS 1.2"
        return
    rules = stack.attached(listener, *LISTENER_RULES, by="listenerArn", identity=("arn", "id"))
    for action in [*listener.items("defaultActions"), *(action for rule in rules for action in rule.items("actions"))]:
        redirect = action.get("redirect") or {}
        if action.get("type") != "redirect" or redirect.get("protocol") != "HTTPS":
            yield f"protocol is {protocol or 'unset'} and an action is {action.get('type')}, expected HTTPS"


@resource_rule(
    "load-balancer-target-tls",
    *TARGET_GROUPS,
    severity=Severity.HIGH,
    evidence=links(direct="312(e)(1) 312(e)(2)(i) 312(e)(2)(ii)"),
    remediation="set the target group's protocol to HTTPS and serve TLS in the targets.",
    link="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html",
)
def load_balancer_target_tls(group: Resource) -> Findings:
    """The load balancer speaks TLS with what is behind it."""
    if group.props.get("targetType") in ("lambda", "alb"):
        raise NotApplicable("applies to targets with an address of their own")
    if group.props.get("protocol") not in ENCRYPTED:
        yield f"protocol is {group.props.get('protocol', 'unset')}, expected HTTPS"


def _application(balancer: Resource) -> Resource:
    if (balancer.props.get("loadBalancerType") or "application") != "application":
        raise NotApplicable("applies to Application Load Balancers")
    return balancer


@resource_rule(
    "load-balancer-drops-invalid-headers",
    *LOAD_BALANCERS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(e)(1)"),
    remediation="set dropInvalidHeaderFields to true.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/alb-http-drop-invalid-header-enabled.html",
)
def load_balancer_drops_invalid_headers(balancer: Resource) -> Findings:
    """No malformed header makes load balancer and target see different requests."""
    if _application(balancer).props.get("dropInvalidHeaderFields") is not True:
        yield f"dropInvalidHeaderFields is {balancer.props.get('dropInvalidHeaderFields', 'unset')}, expected true"


@resource_rule(
    "load-balancer-access-logged",
    *LOAD_BALANCERS,
    severity=Severity.MEDIUM,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D)"),
    remediation="set accessLogs.enabled and accessLogs.bucket.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/elb-logging-enabled.html",
)
def load_balancer_access_logged(balancer: Resource) -> Findings:
    """Who asked for what, and when, is recorded."""
    if balancer.block("accessLogs").get("enabled") is not True:
        yield "accessLogs.enabled is not true"


@relation_rule(
    "load-balancer-certificate-managed",
    *LISTENERS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(e)(1) 312(e)(2)(ii)"),
    remediation="set certificateArn to a certificate of AWS Certificate Manager.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/elbv2-acm-certificate-required.html",
)
def load_balancer_certificate_managed(listener: Resource, stack: Stack) -> Findings:
    """Certificates come from AWS Certificate Manager, which keeps their keys and renews them."""
    if listener.props.get("protocol") not in ENCRYPTED:
        raise NotApplicable("applies to listeners with TLS")
    if stack.named(listener, *CERTIFICATES, by="certificateArn", identity=("arn", "certificateArn")):
        return
    arn = listener.props.get("certificateArn") or "unset"
    if not MANAGED.match(arn):
        yield f"certificateArn is {arn}, expected one of AWS Certificate Manager"


@relation_rule(
    "load-balancer-firewalled",
    *LOAD_BALANCERS,
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(a)(1)"),
    remediation="add a wafv2.WebAclAssociation for the load balancer.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/alb-waf-enabled.html",
)
def load_balancer_firewalled(balancer: Resource, stack: Stack) -> Findings:
    """A web ACL filters requests before they are balanced."""
    kind = "aws:wafv2/webAclAssociation:WebAclAssociation"
    if not stack.attached(_application(balancer), kind, by="resourceArn", identity=("arn", "id")):
        yield "no WebAclAssociation names the load balancer"


@relation_rule(
    "web-acl-logged",
    "aws:wafv2/webAcl:WebAcl",
    severity=Severity.MEDIUM,
    evidence=links(direct="312(b)", supporting="308(a)(1)(ii)(D)"),
    remediation="add a WebAclLoggingConfiguration for the WebAcl with logDestinationConfigs.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/wafv2-logging-enabled.html",
)
def web_acl_logged(acl: Resource, stack: Stack) -> Findings:
    """What a web ACL saw, let through and refused is recorded."""
    kind = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    if not stack.attached(acl, kind, by="resourceArn", identity=("arn",)):
        yield "no WebAclLoggingConfiguration names it"
