"""A cluster, a registry, a bucket and a web application, as quick-start examples show them. Insecure on purpose."""

import json

import pulumi
import pulumi_aws as aws
import pulumi_kubernetes as k8s

# A network whose subnets are public.
vpc = aws.ec2.Vpc("vpc", cidr_block="10.100.0.0/16", enable_dns_hostnames=True)
gateway = aws.ec2.InternetGateway("gateway", vpc_id=vpc.id)
routes = aws.ec2.RouteTable(
    "routes",
    vpc_id=vpc.id,
    routes=[aws.ec2.RouteTableRouteArgs(cidr_block="0.0.0.0/0", gateway_id=gateway.id)],
)
subnets = []
for number, zone in enumerate(["us-west-2a", "us-west-2b"]):
    subnet = aws.ec2.Subnet(
        f"subnet-{zone}",
        vpc_id=vpc.id,
        availability_zone=zone,
        cidr_block=f"10.100.{number}.0/24",
        map_public_ip_on_launch=True,
    )
    aws.ec2.RouteTableAssociation(f"routes-{zone}", route_table_id=routes.id, subnet_id=subnet.id)
    subnets.append(subnet)

group = aws.ec2.SecurityGroup(
    "cluster-group",
    vpc_id=vpc.id,
    ingress=[
        aws.ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=443, to_port=443, cidr_blocks=["0.0.0.0/0"]),
        aws.ec2.SecurityGroupIngressArgs(protocol="tcp", from_port=22, to_port=22, cidr_blocks=["0.0.0.0/0"]),
    ],
)


def role(name: str, service: str, *policies: str) -> aws.iam.Role:
    """A role of an AWS service with managed policies."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    made = aws.iam.Role(name, assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    for policy in policies:
        aws.iam.RolePolicyAttachment(f"{name}-{policy}", role=made.id, policy_arn=f"arn:aws:iam::aws:policy/{policy}")
    return made


cluster_role = role("cluster-role", "eks.amazonaws.com", "AmazonEKSClusterPolicy")
node_role = role(
    "node-role",
    "ec2.amazonaws.com",
    "AmazonEKSWorkerNodePolicy",
    "AmazonEKS_CNI_Policy",
    "AmazonEC2ContainerRegistryReadOnly",
    "AdministratorAccess",
)

# The cluster, with its endpoint open to the world and nothing recorded.
cluster = aws.eks.Cluster(
    "cluster",
    role_arn=cluster_role.arn,
    vpc_config=aws.eks.ClusterVpcConfigArgs(
        subnet_ids=[subnet.id for subnet in subnets],
        security_group_ids=[group.id],
        public_access_cidrs=["0.0.0.0/0"],
    ),
)
aws.eks.NodeGroup(
    "nodes",
    cluster_name=cluster.name,
    node_role_arn=node_role.arn,
    subnet_ids=[subnet.id for subnet in subnets],
    scaling_config=aws.eks.NodeGroupScalingConfigArgs(desired_size=2, max_size=2, min_size=1),
    remote_access=aws.eks.NodeGroupRemoteAccessArgs(ec2_ssh_key="my-key"),
)

images = aws.ecr.Repository("app", force_delete=True)
uploads = aws.s3.Bucket("uploads", force_destroy=True)
aws.cloudwatch.LogGroup("app-logs", retention_in_days=7)

# The application, privileged, administrator of the cluster, and behind a public load balancer.
kubeconfig = pulumi.Output.all(cluster.endpoint, cluster.name).apply(
    lambda values: json.dumps({"clusters": [{"name": values[1], "cluster": {"server": values[0]}}]})
)
provider = k8s.Provider("cluster-provider", kubeconfig=kubeconfig)
options = pulumi.ResourceOptions(provider=provider)
labels = {"app": "web"}
k8s.core.v1.Namespace("apps", metadata={"name": "apps"}, opts=options)
k8s.apps.v1.Deployment(
    "web",
    metadata={"namespace": "apps"},
    spec={
        "replicas": 2,
        "selector": {"matchLabels": labels},
        "template": {
            "metadata": {"labels": labels},
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "nginx:latest",
                        "ports": [{"containerPort": 80}],
                        "securityContext": {"privileged": True},
                        "env": [
                            {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "database", "key": "password"}}}
                        ],
                    }
                ]
            },
        },
    },
    opts=options,
)
k8s.core.v1.Service(
    "web",
    metadata={"namespace": "apps"},
    spec={"type": "LoadBalancer", "selector": labels, "ports": [{"port": 80}]},
    opts=options,
)
k8s.rbac.v1.ClusterRoleBinding(
    "web-admin",
    role_ref={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    subjects=[{"kind": "ServiceAccount", "name": "default", "namespace": "apps"}],
    opts=options,
)
