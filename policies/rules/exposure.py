"""Nothing that holds or handles ePHI can be reached from the internet."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from policies.rules.resource import Properties, Resource, Stack
from policies.rules.rule import Findings, Severity, links, relation_rule, resource_rule

PRIVATE_RANGES = tuple(
    ip_network(block)
    for block in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",  # RFC 1918
        "100.64.0.0/10",  # RFC 6598: EKS custom networking
        "198.18.0.0/15",  # RFC 2544: never routed on the internet
        "fc00::/7",  # RFC 4193
    )
)
BUCKETS = ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2")
INTERNET_GATEWAYS = (
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/internetGatewayAttachment:InternetGatewayAttachment",
)
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def private(cidr: str) -> bool:
    """Whether every address of the block is private."""
    network = ip_network(cidr, strict=False)
    return any(network.version == block.version and network.subnet_of(block) for block in PRIVATE_RANGES)  # type: ignore[arg-type]


@resource_rule(
    "eks-cluster-endpoint-private",
    "aws:eks/cluster:Cluster",
    severity=Severity.CRITICAL,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="set vpcConfig.endpointPublicAccess to false and vpcConfig.endpointPrivateAccess to true.",
    link="https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html",
)
def eks_cluster_endpoint_private(cluster: Resource) -> Findings:
    """The Kubernetes API server answers only inside the VPC."""
    network = cluster.block("vpcConfig")
    if network.get("endpointPublicAccess") is not False:
        yield f"vpcConfig.endpointPublicAccess is {network.get('endpointPublicAccess', 'unset')}, expected false"
    if network.get("endpointPrivateAccess") is not True:
        yield f"vpcConfig.endpointPrivateAccess is {network.get('endpointPrivateAccess', 'unset')}, expected true"


@resource_rule(
    "subnet-no-public-ip",
    "aws:ec2/subnet:Subnet",
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="leave mapPublicIpOnLaunch false.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/subnet-auto-assign-public-ip-disabled.html",
)
def subnet_no_public_ip(subnet: Resource) -> Findings:
    """Machines that start in the subnet get no public address."""
    if subnet.props.get("mapPublicIpOnLaunch"):
        yield "mapPublicIpOnLaunch is true, expected false"


def _ingress_cidrs(rule: Properties) -> Iterator[str]:
    for name in ("cidrBlocks", "ipv6CidrBlocks"):
        yield from rule.get(name) or ()
    for name in ("cidrIpv4", "cidrIpv6"):
        if rule.get(name):
            yield rule[name]


@resource_rule(
    "security-group-no-open-ingress",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/securityGroupRule:SecurityGroupRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    severity=Severity.CRITICAL,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="admit a security group or a private address range instead.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/vpc-sg-open-only-to-authorized-ports.html",
)
def security_group_no_open_ingress(group: Resource) -> Findings:
    """Security groups admit private address ranges only."""
    if group.props.get("type") == "egress":
        return
    rules: list[Any] = [group.props, *group.items("ingress")]
    for cidr in (cidr for rule in rules for cidr in _ingress_cidrs(rule)):
        if not private(cidr):
            yield f"ingress is admitted from {cidr}, expected private ranges only"


@relation_rule(
    "vpc-no-internet-gateway",
    "aws:ec2/vpc:Vpc",
    severity=Severity.HIGH,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="remove the internet gateway and reach AWS services through VPC endpoints.",
    link="https://docs.aws.amazon.com/vpc/latest/privatelink/what-is-privatelink.html",
)
def vpc_no_internet_gateway(vpc: Resource, stack: Stack) -> Findings:
    """The VPC has no internet gateway, so that no route leads out of it to the internet."""
    for gateway in stack.attached(vpc, *INTERNET_GATEWAYS, by="vpcId"):
        yield f"{gateway.label} is attached to the VPC, expected none"


@relation_rule(
    "vpc-default-security-group-closed",
    "aws:ec2/vpc:Vpc",
    severity=Severity.MEDIUM,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="adopt the group as a DefaultSecurityGroup without ingress and egress.",
    link="https://docs.aws.amazon.com/config/latest/developerguide/vpc-default-security-group-closed.html",
)
def vpc_default_security_group_closed(vpc: Resource, stack: Stack) -> Findings:
    """The security group that every VPC begins with admits nothing."""
    found = stack.attached(vpc, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", by="vpcId")
    if not found:
        yield "no DefaultSecurityGroup names the VPC, so that AWS's allow-all rules stay"
    for group in found:
        for direction in ("ingress", "egress"):
            if group.props.get(direction):
                yield f"{group.name}.{direction} has {len(group.props[direction])} rules, expected none"


@relation_rule(
    "s3-bucket-public-access-blocked",
    *BUCKETS,
    severity=Severity.CRITICAL,
    evidence=links(direct="312(a)(1)"),
    remediation=f"add a BucketPublicAccessBlock for the bucket with {', '.join(BLOCKS)} all true.",
    link="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
)
def s3_bucket_public_access_blocked(bucket: Resource, stack: Stack) -> Findings:
    """All four public access blocks are on for the bucket."""
    found = stack.attached(
        bucket,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        by="bucket",
        identity=("bucket", "id"),
    )
    if not found:
        yield "no BucketPublicAccessBlock names the bucket"
    for block in found:
        for name in BLOCKS:
            if block.props.get(name) is not True:
                yield f"{block.name}.{name} is {block.props.get(name, 'unset')}, expected true"


def enclosed(stack: Stack) -> bool:
    """Whether the stack has a VPC, and none has a way to or from the internet."""
    return any(stack.typed("aws:ec2/vpc:Vpc")) and not any(stack.typed(*INTERNET_GATEWAYS))


@relation_rule(
    "service-not-public",
    "kubernetes:core/v1:Service",
    severity=Severity.CRITICAL,
    evidence=links(direct="312(a)(1)", supporting="312(e)(1)"),
    remediation="make the Service type ClusterIP without externalIPs, or a NodePort with externalTrafficPolicy Local in "
    "a VPC without internet gateway.",
    link="https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types",
)
def service_not_public(service: Resource, stack: Stack) -> Findings:
    """Services are reachable inside the cluster, or at ports of nodes in a closed VPC, by callers that policies see."""
    spec = service.block("spec")
    kind = spec.get("type") or "ClusterIP"
    if kind == "LoadBalancer":
        yield "spec.type is LoadBalancer, expected ClusterIP or NodePort"
    if kind == "NodePort" and not enclosed(stack):
        yield "spec.type is NodePort, expected ClusterIP where no VPC without internet gateway surrounds the nodes"
    if kind == "NodePort" and spec.get("externalTrafficPolicy") != "Local":
        yield "spec.externalTrafficPolicy is not Local, so that NetworkPolicies see nodes instead of callers"
    if spec.get("externalIPs"):
        yield f"spec.externalIPs lists {len(spec['externalIPs'])} addresses, expected none"
