"""Auto Scaling groups that the program makes itself; those of managed node groups are EKS's."""

from policies.rules.instances import closed
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule, resource_rule

GROUP = "aws:autoscaling/group:Group"
ATTACHMENTS = (
    "aws:autoscaling/attachment:Attachment",
    "aws:autoscaling/trafficSourceAttachment:TrafficSourceAttachment",
)
BALANCED_BY = ("targetGroupArns", "loadBalancers", "trafficSources")


@relation_rule(
    "autoscaling-group-health-checked",
    GROUP,
    severity=Severity.LOW,
    evidence=links(supporting="308(a)(7)(i)"),
    remediation="set healthCheckType to ELB.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/autoscaling-group-elb-healthcheck-required.html",
    optional=True,
)
def autoscaling_group_health_checked(group: Resource, stack: Stack) -> Findings:
    """A group behind a load balancer replaces machines that the load balancer finds dead."""
    attached = stack.attached(group, *ATTACHMENTS, by="autoscalingGroupName", identity=("name", "id"))
    if not attached and not any(group.items(name) for name in BALANCED_BY):
        raise NotApplicable("applies to groups behind a load balancer")
    kind = group.props.get("healthCheckType") or "EC2"
    if "ELB" not in kind.split(","):
        yield f"healthCheckType is {kind}, expected ELB"


@resource_rule(
    "launch-configuration-closed",
    "aws:ec2/launchConfiguration:LaunchConfiguration",
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1) 308(a)(4)(ii)(B)"),
    remediation="set associatePublicIpAddress to false and metadataOptions.httpTokens to required, and leave keyName out; "
    "better, use a launch template.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/autoscaling-launch-config-public-ip-disabled.html",
    optional=True,
)
def launch_configuration_closed(configuration: Resource) -> Findings:
    """Machines of a launch configuration have no public address, no SSH key, and guard their credentials."""
    yield from closed(configuration)
