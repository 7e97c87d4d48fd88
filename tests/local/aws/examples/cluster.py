"""Examples: EKS."""

from collections.abc import Mapping

from tests.local.aws.examples.common import ACCOUNT, Example, cluster, key, role

TAGS = {"tags": {"owner": "platform"}}
ACCESS = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"

EXAMPLES: Mapping[str, Example] = {
    "aws:eks/cluster:Cluster": Example(
        inputs=lambda r: {
            "name": "inference",
            "roleArn": role(r),
            "version": "1.33",
            "enabledClusterLogTypes": ["api", "audit"],
            "vpcConfig": {
                "subnetIds": [r("aws:ec2/subnet:Subnet", "id")],
                "endpointPrivateAccess": True,
                "endpointPublicAccess": False,
            },
            "encryptionConfig": {"provider": {"keyArn": key(r)}, "resources": ["secrets"]},
            "accessConfig": {"authenticationMode": "API"},
            "tags": {"a": "b"},
        },
        update={"version": "1.34", "enabledClusterLogTypes": ["api", "audit", "authenticator"], **TAGS},
        outputs={
            "arn": r"arn:aws:eks:us-east-1:123456789012:cluster/inference",
            "endpoint": r"https://.*",
            "identities": r".*https://oidc\.eks.*",
            "certificateAuthority": r".*data.*",
        },
    ),
    "aws:eks/nodeGroup:NodeGroup": Example(
        inputs=lambda r: {
            "clusterName": cluster(r),
            "nodeGroupName": "gpu",
            "nodeRoleArn": role(r),
            "subnetIds": [r("aws:ec2/subnet:Subnet", "id")],
            "instanceTypes": ["g5.xlarge"],
            "scalingConfig": {"minSize": 1, "maxSize": 3, "desiredSize": 1},
            "amiType": "AL2023_x86_64_NVIDIA",
            "labels": {"pool": "gpu"},
            "taints": [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}],
            "launchTemplate": {"id": r("aws:ec2/launchTemplate:LaunchTemplate", "id"), "version": "1"},
            "updateConfig": {"maxUnavailable": 1},
            "tags": {"a": "b"},
        },
        update={
            "version": "1.34",
            "scalingConfig": {"minSize": 2, "maxSize": 4, "desiredSize": 2},
            "labels": {"pool": "cuda"},
            **TAGS,
        },
        outputs={"arn": r"arn:aws:eks:.*:nodegroup/inference/gpu/.*"},
    ),
    "aws:eks/addon:Addon": Example(
        inputs=lambda r: {
            "clusterName": cluster(r),
            "addonName": "vpc-cni",
            "addonVersion": "v1.20.0-eksbuild.1",
            "configurationValues": '{"enableNetworkPolicy": "true"}',
            "tags": {"a": "b"},
            "resolveConflictsOnUpdate": "PRESERVE",
        },
        update={"addonVersion": "v1.21.0-eksbuild.1", **TAGS},
        outputs={"arn": r"arn:aws:eks:.*:addon/inference/vpc-cni/.*"},
    ),
    "aws:eks/accessEntry:AccessEntry": Example(
        inputs=lambda r: {"clusterName": cluster(r), "principalArn": role(r), "type": "STANDARD", "tags": {"a": "b"}},
        update={"kubernetesGroups": ["viewers"], **TAGS},
        outputs={"accessEntryArn": r"arn:aws:eks:.*:access-entry/.*"},
    ),
    "aws:eks/accessPolicyAssociation:AccessPolicyAssociation": Example(
        inputs=lambda r: {
            "clusterName": cluster(r),
            "principalArn": role(r),
            "policyArn": ACCESS,
            "accessScope": {"type": "namespace", "namespaces": ["inference"]},
        }
    ),
    "aws:eks/podIdentityAssociation:PodIdentityAssociation": Example(
        inputs=lambda r: {
            "clusterName": cluster(r),
            "namespace": "inference",
            "serviceAccount": "triton",
            "roleArn": role(r),
            "tags": {"a": "b"},
        },
        update={"roleArn": f"{ACCOUNT}:role/other", **TAGS},
        outputs={"associationArn": r"arn:aws:eks:.*", "associationId": r"a-\w+"},
    ),
}
