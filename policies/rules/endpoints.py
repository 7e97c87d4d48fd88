"""VPC endpoints: how a VPC without a way out reaches AWS, for whom, and for what."""

from policies.rules.documents import CALLER_KEY, RESOURCE_KEY, statements
from policies.rules.resource import Resource, Stack
from policies.rules.rule import Findings, NotApplicable, Severity, links, relation_rule, resource_rule

ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
NEEDED = {
    "ec2": "nodes that join",
    "ecr.api": "images",
    "ecr.dkr": "images",
    "eks": "nodes that join",
    "eks-auth": "EKS Pod Identity",
    "elasticloadbalancing": "targets of a load balancer",
    "guardduty-data": "GuardDuty's agent",
    "kms": "encrypted volumes and objects",
    "logs": "CloudWatch Logs",
    "monitoring": "CloudWatch metrics",
    "s3": "layers of images, models",
    "ssm": "Systems Manager",
    "ssmmessages": "Session Manager",
    "sts": "roles of service accounts",
}
"""Services that a cluster in a closed VPC calls, by the last part of the endpoint's name, and why."""


@resource_rule(
    "vpc-endpoint-policy-limited",
    ENDPOINT,
    severity=Severity.HIGH,
    evidence=links(supporting="312(a)(1) 312(e)(1)"),
    remediation="set a policy that names principals or resources, such as those of the own account (aws:PrincipalAccount).",
    link="https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html",
)
def vpc_endpoint_policy_limited(endpoint: Resource) -> Findings:
    """No endpoint carries data out to any account by anybody's credentials."""
    if endpoint.props.get("vpcEndpointType") == "GatewayLoadBalancer":
        raise NotApplicable("endpoints of Gateway Load Balancers take no policy")
    document = endpoint.props.get("policy")
    if not document:
        yield "policy is unset, which allows everything to everybody"
        return
    for statement in statements(document):
        limited = statement.limited_by(CALLER_KEY) or statement.limited_by(RESOURCE_KEY)
        if statement.allows and statement.anyone and "*" in statement.resources and not limited:
            yield f"{', '.join(statement.actions)} on every resource is allowed without a condition on caller or owner"


@relation_rule(
    "vpc-endpoints-complete",
    "aws:ec2/vpc:Vpc",
    severity=Severity.MEDIUM,
    evidence=links(supporting="312(e)(1)"),
    remediation=f"add a VpcEndpoint for each of {', '.join(NEEDED)}, interface endpoints with privateDnsEnabled.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html",
)
def vpc_endpoints_complete(vpc: Resource, stack: Stack) -> Findings:
    """What a cluster in the VPC asks of AWS stays on the private network."""
    if not any(stack.typed("aws:eks/cluster:Cluster")):
        raise NotApplicable("applies to VPCs of stacks with an EKS cluster")
    found = {_service(item): item for item in stack.attached(vpc, ENDPOINT, by="vpcId")}
    missing = [service for service in NEEDED if service not in found]
    if missing:
        yield f"no VpcEndpoint leads to {', '.join(missing)}"
    for service, endpoint in found.items():
        if endpoint.props.get("vpcEndpointType") == "Interface" and endpoint.props.get("privateDnsEnabled") is not True:
            yield f"the endpoint for {service} has no privateDnsEnabled, so that its name leads to public addresses"


def _service(endpoint: Resource) -> str:
    """`ecr.api` of `com.amazonaws.us-east-1.ecr.api`."""
    name: str = endpoint.props.get("serviceName") or ""
    return name.partition("com.amazonaws.")[2].partition(".")[2]
