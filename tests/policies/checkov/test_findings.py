"""Checkov itself finds what is bad in what we write down: the conversion hides nothing of these kinds.

Every example is there twice, once good and once with one thing wrong, so that no check passes or fails for another
reason. `.venv-checkov` must be there (`make checkov-env`).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from policies.checkov.scan import Scan, scan
from policies.checkov.state import Deployed
from tests.policies.checkov.stacks import deployed, urn

ANYONE = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
)
NODES = ANYONE.replace('{"AWS": "*"}', '{"Service": "ec2.amazonaws.com"}')


def _allow(action: str, resource: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@dataclass(frozen=True)
class Example:
    """`inputs` pass `check`; with `wrong` in their place (None: absent) they fail it."""

    check: str
    type: str
    inputs: Mapping[str, Any]
    wrong: Mapping[str, Any]

    def both(self) -> list[Deployed]:
        """The good resource, then the bad one."""
        bad = {key: value for key, value in {**self.inputs, **self.wrong}.items() if value is not None}
        return [
            deployed(self.type, f"{state}-{self.check}", given)
            for state, given in (("good", self.inputs), ("bad", bad))
        ]


PRIVATE = {"fromPort": 443, "toPort": 443, "protocol": "tcp", "cidrBlocks": ["10.0.0.0/16"], "description": "d"}
VPC_CONFIG = {"subnetIds": ["subnet-1"], "endpointPrivateAccess": True, "endpointPublicAccess": False}
LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
CLUSTER = {
    "roleArn": "arn:r",
    "vpcConfig": VPC_CONFIG,
    "enabledClusterLogTypes": LOGS,
    "encryptionConfig": {"provider": {"keyArn": "arn:k"}, "resources": ["secrets"]},
}
INTERFACE = {"associatePublicIpAddress": "false"}
ABORT = {"id": "r", "status": "Enabled", "abortIncompleteMultipartUpload": {"daysAfterInitiation": 7}}
LISTENER = {
    "loadBalancerArn": "arn:l",
    "port": 443,
    "protocol": "HTTPS",
    "sslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "defaultActions": [{"type": "forward", "targetGroupArn": "arn:t"}],
}
EXAMPLES = [
    Example(
        "CKV_AWS_24",
        "aws:ec2/securityGroup:SecurityGroup",
        {"ingress": [PRIVATE]},
        {"ingress": [PRIVATE, PRIVATE | {"fromPort": 22, "toPort": 22, "cidrBlocks": ["0.0.0.0/0"]}]},
    ),
    Example(
        "CKV_AWS_25",
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        {"cidrIpv4": "10.0.0.0/16", "fromPort": 3389, "toPort": 3389, "ipProtocol": "tcp"},
        {"cidrIpv4": "0.0.0.0/0"},
    ),
    Example(
        "CKV_AWS_39", "aws:eks/cluster:Cluster", CLUSTER, {"vpcConfig": VPC_CONFIG | {"endpointPublicAccess": True}}
    ),
    Example("CKV_AWS_37", "aws:eks/cluster:Cluster", CLUSTER, {"enabledClusterLogTypes": LOGS[:-1]}),
    Example("CKV_AWS_58", "aws:eks/cluster:Cluster", CLUSTER, {"encryptionConfig": None}),
    Example(
        "CKV_AWS_79",
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required"}},
        {"metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "optional"}},
    ),
    Example(
        "CKV_AWS_88",
        "aws:ec2/launchTemplate:LaunchTemplate",
        {"networkInterfaces": [INTERFACE]},
        {"networkInterfaces": [INTERFACE | {"associatePublicIpAddress": "true"}]},
    ),
    Example(
        "CKV_AWS_100",
        "aws:eks/nodeGroup:NodeGroup",
        {"subnetIds": ["subnet-1"]},
        {"remoteAccess": {"ec2SshKey": "key"}},
    ),
    Example("CKV_AWS_130", "aws:ec2/subnet:Subnet", {"mapPublicIpOnLaunch": False}, {"mapPublicIpOnLaunch": True}),
    Example("CKV_AWS_7", "aws:kms/key:Key", {"enableKeyRotation": True}, {"enableKeyRotation": False}),
    Example(
        "CKV_AWS_136",
        "aws:ecr/repository:Repository",
        {"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": "arn:k"}]},
        {"encryptionConfigurations": [{"encryptionType": "AES256"}]},
    ),
    Example("CKV_AWS_158", "aws:cloudwatch/logGroup:LogGroup", {"kmsKeyId": "arn:k"}, {"kmsKeyId": None}),
    Example("CKV_AWS_338", "aws:cloudwatch/logGroup:LogGroup", {"retentionInDays": 2192}, {"retentionInDays": 30}),
    Example("CKV_AWS_60", "aws:iam/role:Role", {"assumeRolePolicy": NODES}, {"assumeRolePolicy": ANYONE}),
    Example(
        "CKV_AWS_63",
        "aws:iam/policy:Policy",
        {"policy": _allow("s3:GetObject", "arn:aws:s3:::models/*")},
        {"policy": _allow("*", "arn:aws:s3:::models/*")},
    ),
    Example(
        "CKV_AWS_289",
        "aws:iam/policy:Policy",
        {"policy": _allow("iam:PutRolePolicy", "arn:aws:iam::123456789012:role/one")},
        {"policy": _allow("iam:PutRolePolicy", "*")},
    ),
    Example(
        "CKV_AWS_300",
        "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
        {"bucket": "b", "rules": [ABORT | {"filter": {}}]},
        {"rules": [ABORT | {"filter": {"prefix": "models/"}}]},
    ),
    Example(
        "CKV_AWS_53",
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        {"bucket": "b", "blockPublicAcls": True},
        {"blockPublicAcls": False},
    ),
    Example("CKV_AWS_103", "aws:lb/listener:Listener", LISTENER, {"sslPolicy": "ELBSecurityPolicy-2016-08"}),
    Example("CKV_AWS_2", "aws:lb/listener:Listener", LISTENER, {"protocol": "HTTP", "port": 80}),
    Example(
        "CKV_AWS_91",
        "aws:lb/loadBalancer:LoadBalancer",
        {"accessLogs": {"bucket": "b", "enabled": True}},
        {"accessLogs": {"bucket": "b", "enabled": False}},
    ),
    Example("CKV_AWS_35", "aws:cloudtrail/trail:Trail", {"kmsKeyId": "arn:k"}, {"kmsKeyId": None}),
    Example("CKV_AWS_26", "aws:sns/topic:Topic", {"kmsMasterKeyId": "arn:k"}, {"kmsMasterKeyId": None}),
    Example("CKV_AWS_166", "aws:backup/vault:Vault", {"kmsKeyArn": "arn:k"}, {"kmsKeyArn": None}),
]

CONTAINER = {
    "name": "gateway",
    "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/gateway@sha256:" + "1" * 64,
    "securityContext": {"privileged": False, "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True},
}


def _pods(**changes: Any) -> dict[str, Any]:
    return {
        "selector": {"matchLabels": {"app": "gateway"}},
        "template": {"metadata": {"labels": {"app": "gateway"}}, "spec": {"containers": [CONTAINER | changes]}},
    }


def _workload(check: str, **changes: Any) -> Example:
    head = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"namespace": check.lower().replace("_", "-")}}
    return Example(check, "kubernetes:apps/v1:Deployment", head | {"spec": _pods()}, head | {"spec": _pods(**changes)})


WORKLOADS = [
    _workload("CKV_K8S_16", securityContext={"privileged": True}),
    _workload("CKV_K8S_20", securityContext={"allowPrivilegeEscalation": True}),
    _workload("CKV_K8S_22", securityContext={"readOnlyRootFilesystem": False}),
    _workload("CKV_K8S_43", image="gateway:1.0"),
]


@dataclass(frozen=True)
class Connection:
    """A check that asks whether another resource speaks of `type`: `by` is its input that names it."""

    check: str
    type: str
    other: str
    by: str
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def both(self) -> list[Deployed]:
        """Two of `type` with the same inputs, and one other, which came from the good one only."""
        good, bad = f"good-{self.check}", f"bad-{self.check}"
        reference = {self.by: urn(self.type, good)}
        other = deployed(self.other, f"of-{good}", {self.by: "same", **self.inputs}, **reference)
        return [deployed(self.type, good, {}), deployed(self.type, bad, {}), other]


BUCKET, VPC = "aws:s3/bucket:Bucket", "aws:ec2/vpc:Vpc"
ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
KMS = {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": "arn:k"}}]}
CONNECTIONS = [
    Connection(
        "CKV_AWS_21",
        BUCKET,
        "aws:s3/bucketVersioning:BucketVersioning",
        "bucket",
        {"versioningConfiguration": {"status": "Enabled"}},
    ),
    Connection("CKV_AWS_145", BUCKET, ENCRYPTION, "bucket", KMS),
    Connection("CKV_AWS_18", BUCKET, "aws:s3/bucketLogging:BucketLogging", "bucket", {"targetBucket": "logs"}),
    Connection(
        "CKV2_AWS_6",
        BUCKET,
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "bucket",
        {"blockPublicAcls": True, "blockPublicPolicy": True},
    ),
    Connection("CKV2_AWS_11", VPC, "aws:ec2/flowLog:FlowLog", "vpcId"),
    Connection("CKV2_AWS_12", VPC, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "vpcId"),
]


UNKNOWN_TO_CHECKOV = {
    "kubernetes:admissionregistration.k8s.io/v1:ValidatingAdmissionPolicy",
    "kubernetes:autoscaling/v2:HorizontalPodAutoscaler",
    "kubernetes:cert-manager.io/v1:Certificate",
    "kubernetes:core/v1:LimitRange",
    "kubernetes:core/v1:ResourceQuota",
    "kubernetes:scheduling.k8s.io/v1:PriorityClass",
}


def _object(kind: str) -> Deployed:
    group, _, name = kind.removeprefix("kubernetes:").rpartition(":")
    return deployed(kind, name, {"apiVersion": group.removeprefix("core/"), "kind": name, "spec": {}})


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """One run of Checkov over every example."""
    examples: Sequence[Example | Connection] = [*EXAMPLES, *WORKLOADS, *CONNECTIONS]
    resources = [each for example in examples for each in example.both()] + [*map(_object, UNKNOWN_TO_CHECKOV)]
    return scan(resources, tmp_path_factory.mktemp("scan") / "stack")


@pytest.mark.parametrize("example", [*EXAMPLES, *WORKLOADS, *CONNECTIONS], ids=lambda example: f"{example.check}")
def test_checkov_tells_the_good_one_from_the_bad_one(found: Scan, example: Example | Connection) -> None:
    """By the id of the check, on the resource that we meant."""
    outcomes = {
        result.resource: result.passed
        for result in found.results
        if result.check == example.check and result.resource.endswith(f"-{example.check}")
    }
    assert outcomes == {
        f"{example.type}::good-{example.check}": True,
        f"{example.type}::bad-{example.check}": False,
    }


def test_kinds_that_checkov_has_no_check_for_are_read_and_said_to_be_unchecked(found: Scan) -> None:
    """They count as neither passed nor failed."""
    assert set(found.unchecked) >= UNKNOWN_TO_CHECKOV
    assert not {each.resource for each in found.results if each.resource.rpartition("::")[0] in UNKNOWN_TO_CHECKOV}
