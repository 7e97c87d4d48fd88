"""Each kind of thing that a stack leaves is found, by tag or by name, and nothing of another stack."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.operations.accounts import AwsAccount
from infra.operations.leaks import leftovers
from infra.operations.leftovers.leftover import Leftover, Search
from infra.operations.stacks import StackFile
from tests.infra.conftest import ACCOUNT

TAGS = {"project": "inference", "environment": "dev"}
TAG_LIST = [{"Key": key, "Value": value} for key, value in TAGS.items()]
OTHER_LIST = [{"Key": "project", "Value": "inference"}, {"Key": "environment", "Value": "dev-two"}]
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
ARN = f"arn:aws:{{}}:us-east-1:{ACCOUNT}:"
Make = Callable[[AwsAccount], str]


def vpc(aws: AwsAccount, *, tags: list[dict[str, str]] | None = None) -> tuple[str, str]:
    """Ids of a VPC and of a subnet in it; only the VPC has the tags."""
    ec2 = aws.client("ec2")
    found = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    if tags:
        ec2.create_tags(Resources=[found], Tags=tags)
    return found, ec2.create_subnet(VpcId=found, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]


def tagged_vpc(aws: AwsAccount) -> str:
    return f"{ARN.format('ec2')}vpc/{vpc(aws, tags=TAG_LIST)[0]}"


def tagged_bucket(aws: AwsAccount, name: str = "inference-dev-models-1", *, lock: bool = False) -> str:
    aws.client("s3").create_bucket(Bucket=name, ObjectLockEnabledForBucket=lock)
    aws.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": TAG_LIST})
    return f"arn:aws:s3:::{name}"


def log_group(aws: AwsAccount) -> str:
    aws.client("logs").create_log_group(logGroupName="/aws/eks/inference-dev/cluster")
    return f"{ARN.format('logs')}log-group:/aws/eks/inference-dev/cluster"


def firewall_logs(aws: AwsAccount) -> str:
    for name in ("aws-waf-logs-inference-dev", "aws-waf-logs-inference-dev-two"):
        aws.client("logs").create_log_group(logGroupName=name)
    return f"{ARN.format('logs')}log-group:aws-waf-logs-inference-dev"


def control_plane_interface(aws: AwsAccount) -> str:
    made = aws.client("ec2").create_network_interface(SubnetId=vpc(aws)[1], Description="Amazon EKS inference-dev")
    return f"{ARN.format('ec2')}network-interface/{made['NetworkInterface']['NetworkInterfaceId']}"


def node_volume(aws: AwsAccount) -> str:
    def made(name: str, environment: list[dict[str, str]]) -> str:
        tags = [{"Key": "Name", "Value": name}, *environment]
        volume = aws.client("ec2").create_volume(
            AvailabilityZone="us-east-1a", Size=50,
            TagSpecifications=[{"ResourceType": "volume", "Tags": tags}],
        )  # fmt: skip
        return str(volume["VolumeId"])

    made("inference-dev-two-system", OTHER_LIST)
    return f"{ARN.format('ec2')}volume/{made('inference-dev-system', [])}"


def scaling_group(aws: AwsAccount) -> str:
    scaling = aws.client("autoscaling")
    scaling.create_launch_configuration(LaunchConfigurationName="l", ImageId="ami-12c6146b", InstanceType="t3.nano")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="eks-system", LaunchConfigurationName="l", MinSize=0, MaxSize=0,
        AvailabilityZones=["us-east-1a"], Tags=[{"Key": "eks:cluster-name", "Value": "inference-dev"}],
    )  # fmt: skip
    return str(scaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["AutoScalingGroupARN"])


def role(aws: AwsAccount) -> str:
    iam = aws.client("iam")
    iam.create_role(RoleName="inference-dev-two-nodes", AssumeRolePolicyDocument=TRUST, Tags=OTHER_LIST)
    iam.create_role(RoleName="somebody-else", AssumeRolePolicyDocument=TRUST)
    made = iam.create_role(RoleName="inference-dev-nodes", AssumeRolePolicyDocument=TRUST, Tags=TAG_LIST)
    return str(made["Role"]["Arn"])


def policy(aws: AwsAccount) -> str:
    statement = {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    made = aws.client("iam").create_policy(PolicyName="inference-dev-flow-logs", PolicyDocument=document)
    return str(made["Policy"]["Arn"])


def instance_profile(aws: AwsAccount) -> str:
    made = aws.client("iam").create_instance_profile(InstanceProfileName="inference-dev-tunnel")
    return str(made["InstanceProfile"]["Arn"])


def issuer(aws: AwsAccount) -> str:
    iam = aws.client("iam")
    iam.create_open_id_connect_provider(Url="https://issuer.example.org", ClientIDList=["x"])
    made = iam.create_open_id_connect_provider(Url="https://oidc.example.org", ClientIDList=["x"], Tags=TAG_LIST)
    return str(made["OpenIDConnectProviderArn"])


def key_alias(aws: AwsAccount) -> str:
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/inference-dev/logs", TargetKeyId=key)
    return f"{ARN.format('kms')}alias/inference-dev/logs"


def repository(aws: AwsAccount) -> str:
    aws.client("ecr").create_repository(repositoryName="inference-dev-two/gateway")
    made = aws.client("ecr").create_repository(repositoryName="inference-dev/k8s/metrics-server")
    return str(made["repository"]["repositoryArn"])


def recorder(aws: AwsAccount) -> str:
    aws.client("config").put_configuration_recorder(
        ConfigurationRecorder={"name": "inference-dev", "roleARN": f"arn:aws:iam::{ACCOUNT}:role/config"}
    )
    return f"{ARN.format('config')}configuration-recorder/inference-dev"


def running_instance(aws: AwsAccount) -> str:
    made = aws.client("ec2").run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=vpc(aws)[1],
        TagSpecifications=[{"ResourceType": "instance", "Tags": TAG_LIST}],
    )  # fmt: skip
    return f"{ARN.format('ec2')}instance/{made['Instances'][0]['InstanceId']}"


LEFT: tuple[Make, ...] = (
    tagged_vpc,
    tagged_bucket,
    log_group,
    firewall_logs,
    control_plane_interface,
    node_volume,
    scaling_group,
    role,
    policy,
    instance_profile,
    issuer,
    key_alias,
    repository,
    recorder,
    running_instance,
)


@pytest.mark.parametrize("make", LEFT, ids=lambda make: str(make.__name__))
def test_each_kind_of_thing_that_is_left_is_found_and_nothing_of_others(
    aws: AwsAccount, stack: StackFile, make: Make
) -> None:
    """By tag where there is one, by name where not; `dev-two` is another stack, although its names begin with ours."""
    arn = make(aws)
    assert leftovers(Search(aws, stack)) == [Leftover(arn)]


def test_the_group_that_eks_makes_for_a_cluster_is_found(
    aws: AwsAccount, stack: StackFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """moto lets nobody set EKS's own tag, so the tag stands under another name here."""
    from infra.operations.leftovers import untagged

    ec2, (network, _) = aws.client("ec2"), vpc(aws)
    group = ec2.create_security_group(GroupName="eks-cluster-sg", Description="EKS", VpcId=network)["GroupId"]
    ec2.create_tags(Resources=[group], Tags=[{"Key": "eks:cluster-name", "Value": "inference-dev"}])
    monkeypatch.setattr(untagged, "EKS_TAG", "eks:cluster-name")
    assert leftovers(Search(aws, stack)) == [Leftover(f"{ARN.format('ec2')}security-group/{group}")]


def test_rules_of_the_registry_are_found(aws: AwsAccount, stack: StackFile, answers: dict[str, Any]) -> None:
    """By the beginning of their prefix."""
    prefixes = ("inference-dev/k8s", "inference-dev-two/k8s")
    answers["DescribePullThroughCacheRules"] = {
        "pullThroughCacheRules": [{"ecrRepositoryPrefix": prefix} for prefix in prefixes]
    }
    answers["DescribeRepositoryCreationTemplates"] = {
        "repositoryCreationTemplates": [{"prefix": name} for name in ("inference-dev", "inference-dev-two")]
    }
    assert [each.arn for each in leftovers(Search(aws, stack))] == [
        f"{ARN.format('ecr')}pull-through-cache-rule/inference-dev/k8s",
        f"{ARN.format('ecr')}repository-creation-template/inference-dev",
    ]
