"""Destroying goes in an order in which AWS refuses nothing, and stops at what is protected."""

import pytest

from tests.infra.conftest import Program

NODES, CNI = "aws:eks/nodeGroup:NodeGroup::system-pool", "aws:eks/addon:Addon::vpc-cni"
CLUSTER, BALANCER = "aws:eks/cluster:Cluster::cluster", "aws:lb/loadBalancer:LoadBalancer::load-balancer"
ISSUER = "kubernetes:cert-manager.io/v1:ClusterIssuer::inference-ca-issuer"
GATEWAY, NAMESPACE = "kubernetes:apps/v1:Deployment::gateway", "kubernetes:core/v1:Namespace::gateway"


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (GATEWAY, NAMESPACE),
        (NAMESPACE, "aws:eks/addon:Addon::coredns"),
        (NAMESPACE, "aws:eks/accessPolicyAssociation:AccessPolicyAssociation::administrator-policy"),
        ("aws:eks/addon:Addon::coredns", NODES),
        ("aws:eks/addon:Addon::aws-ebs-csi-driver", NODES),
        # While its custom resources go, the webhook that admits changes to them has to answer.
        (ISSUER, "aws:eks/addon:Addon::cert-manager"),
        (GATEWAY, "kubernetes:cert-manager.io/v1:Certificate::gateway-tls"),
        ("kubernetes:cert-manager.io/v1:Certificate::gateway-tls", ISSUER),
        ("aws:eks/addon:Addon::cert-manager", NODES),
        ("aws:autoscaling/attachment:Attachment::gateway-nodes-0", NODES),
        (NODES, CNI),  # the CNI takes a node's addresses and interfaces off: it goes after the nodes
        (NODES, "aws:ec2/vpcEndpoint:VpcEndpoint::ec2-endpoint"),  # which the CNI calls to do so
        (NODES, "aws:iam/rolePolicyAttachment:RolePolicyAttachment::vpc-cni-identity-rights"),
        (CNI, CLUSTER),
        (CLUSTER, "aws:cloudwatch/logGroup:LogGroup::control-plane-logs"),
        (CLUSTER, "aws:ec2/subnet:Subnet::control-plane-0"),
        ("aws:lb/listenerRule:ListenerRule::api", "aws:lb/targetGroup:TargetGroup::gateway-nodes"),
        ("aws:lb/listener:Listener::https", BALANCER),
        ("aws:wafv2/webAclAssociation:WebAclAssociation::web-acl-association", BALANCER),
        (BALANCER, "aws:ec2/subnet:Subnet::edge-0"),
        (BALANCER, "aws:ec2/securityGroup:SecurityGroup::edge-group"),
        ("aws:ec2/subnet:Subnet::nodes-0", "aws:ec2/vpc:Vpc::vpc"),
        (
            "aws:cfg/recorderStatus:RecorderStatus::recording",
            "aws:cfg/deliveryChannel:DeliveryChannel::delivery-channel",
        ),
    ],
)
def test_each_goes_before_what_it_stands_on(prod: Program, first: str, then: str) -> None:
    """The engine deletes a resource before everything that it needs."""
    assert then in prod.needs(first), sorted(prod.needs(first))[:40]


def test_production_refuses_to_lose_data(prod: Program, dev: Program) -> None:
    """Keys, buckets, the trail and the vault of a protected stack are refused to be deleted; nothing of an unprotected one."""
    keys = {each.name for each in prod.of("kms/key:Key")}
    buckets = {each.name for each in prod.of("s3/bucket:Bucket")}
    assert keys | buckets <= prod.protected
    assert dev.protected == frozenset()


def test_what_outlives_a_protected_stack_can_still_be_read(prod: Program) -> None:
    """The archive and the backups stay, and so do the keys that they are encrypted with."""
    assert {"archive-key", "backups-key", "inference-prod-trail", "inference-prod-configuration"} <= prod.retained


def test_an_unprotected_stack_leaves_only_the_accounts_guards(dev: Program) -> None:
    """Nothing that costs or holds data outlives a stack that may be deleted: models go with their bucket."""
    models = {each.name for each in dev.of("BucketObjectv2")}
    assert dev.retained - models == {"ebs-encryption-by-default", "snapshots-not-public", "buckets-not-public"}
    assert dev.only("s3/bucket:Bucket", "inference-dev-models")["forceDestroy"] is True
