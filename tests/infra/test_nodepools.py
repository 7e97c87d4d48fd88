"""Nodes are hardened, are replaced without losing capacity, and are of types that exist."""

import base64
from email import message_from_bytes
from typing import Any

import pulumi
import pytest
import yaml
from pulumi.runtime.mocks import MockResourceArgs
from pulumi_aws.ec2 import InstanceType

from infra.addons import NodeAgents, NodeAgentsArgs
from infra.config_types import NodeCounts
from infra.instance_types import GPU_FAMILIES, MIG_FAMILIES, SYSTEM_FAMILIES, has_mig, is_gpu_type, is_system_type
from infra.nodepools import Capacity, NodePools, NodePoolsArgs
from local.program import Recorder
from tests.infra.components import Component, cluster, context, run_component

KEY = "arn:aws:kms:us-east-1:123456789012:key/volumes"
POOLS = ("system", "gpu")


class WithScaling(Recorder):
    """Answers as EKS does: a node group has one Auto Scaling group."""

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        identity, outputs = super().new_resource(args)
        if args.typ == "aws:eks/nodeGroup:NodeGroup":
            outputs["resources"] = [{"autoscalingGroups": [{"name": f"eks-{args.name}"}]}]
        return identity, outputs


def pools(*, recorder: Recorder | None = None, preview: bool = False) -> Component:
    """Both pools of a cluster, after its node agents."""

    def build() -> dict[str, pulumi.Input[Any]]:
        here = context()
        eks = cluster(here)
        agents = NodeAgents("node-agents", NodeAgentsArgs(here, eks))
        made = NodePools(
            "node-pools",
            NodePoolsArgs(
                here,
                eks,
                subnet_ids=["subnet-1", "subnet-2"],
                security_group_id="sg-nodes",
                volumes_key_arn=KEY,
                system=Capacity(["m6i.large"], NodeCounts(min=2, desired=2, max=5)),
                gpu=Capacity(["g5.xlarge", "g6.xlarge"], NodeCounts(min=0, desired=0, max=1), purchase="SPOT"),
            ),
            pulumi.ResourceOptions(depends_on=[agents]),
        )
        return {"groups": pulumi.Output.all(*made.system_auto_scaling_group_names)}

    return run_component(build, recorder=recorder, preview=preview)


@pytest.fixture(scope="module")
def made() -> Component:
    """The pools as EKS makes them."""
    return pools(recorder=WithScaling())


@pytest.fixture(scope="module", params=POOLS)
def template(request: pytest.FixtureRequest, made: Component) -> dict[str, Any]:
    """The launch template of each pool."""
    return made.only("LaunchTemplate", f"{request.param}-template")


def test_pods_and_public_are_shut_out(template: dict[str, Any]) -> None:
    """IMDSv2 with one hop, the nodes' security group, no public address, no key pair; the image is EKS's own."""
    metadata = template["metadataOptions"]
    assert (metadata["httpTokens"], metadata["httpPutResponseHopLimit"]) == ("required", 1)
    (interface,) = template["networkInterfaces"]
    assert interface["associatePublicIpAddress"] == "false"
    assert interface["securityGroups"] == ["sg-nodes"]
    assert {"keyName", "imageId", "iamInstanceProfile"}.isdisjoint(template)


def test_disks_are_encrypted_with_our_key(template: dict[str, Any]) -> None:
    """The root volume is gp3 under our key and goes with its node."""
    (mapping,) = template["blockDeviceMappings"]
    disk = mapping["ebs"]
    assert (disk["encrypted"], disk["volumeType"], disk["kmsKeyId"]) == ("true", "gp3", KEY)
    assert disk["deleteOnTermination"] == "true"


def test_kubelet_is_hardened(template: dict[str, Any]) -> None:
    """The user data is a MIME archive that nodeadm reads and EKS can add the cluster to."""
    archive, part, *_ = message_from_bytes(base64.b64decode(template["userData"])).walk()
    assert archive.get_content_type() == "multipart/mixed"
    assert part.get_content_type() == "application/node.eks.aws"
    config = yaml.safe_load(str(part.get_payload()))
    assert (config["apiVersion"], config["kind"]) == ("node.eks.aws/v1alpha1", "NodeConfig")
    assert config["spec"] == {
        "kubelet": {"config": {"seccompDefault": True, "podPidsLimit": 4096, "eventRecordQPS": 50}}
    }


def test_gpu_nodes_give_pods_the_gpus_they_were_given(made: Component) -> None:
    """Their runtime believes the device plugin's variable, whatever the image's default; other nodes run no script."""
    scripts = {}
    for pool in POOLS:
        user_data = made.only("LaunchTemplate", f"{pool}-template")["userData"]
        _, _, *parts = message_from_bytes(base64.b64decode(user_data)).walk()
        assert all(each.get_content_type() == "text/x-shellscript" for each in parts)
        scripts[pool] = [str(each.get_payload()) for each in parts]
    assert scripts["system"] == []
    (script,) = scripts["gpu"]
    assert script.startswith("#!/bin/bash\n")
    assert "accept-nvidia-visible-devices-envvar-when-unprivileged=true" in script


def test_gpu_nodes_say_that_they_have_gpus(made: Component) -> None:
    """What asks for a GPU finds them by NVIDIA's label; nodes of the system pool do not carry it."""
    labels = {pool: made.only("NodeGroup", f"{pool}-pool")["labels"] for pool in POOLS}
    assert labels["gpu"] == {"inference/node-pool": "gpu", "nvidia.com/gpu.present": "true"}
    assert labels["system"] == {"inference/node-pool": "system"}


@pytest.mark.parametrize("pool", POOLS)
def test_updates_take_no_capacity_away(made: Component, pool: str) -> None:
    """New nodes come before old ones go, and old ones go one at a time."""
    group = made.only("NodeGroup", f"{pool}-pool")
    assert group["updateConfig"] == {"updateStrategy": "DEFAULT", "maxUnavailable": 1}


@pytest.mark.parametrize(("pool", "threshold"), [("system", 2), ("gpu", 1)])
def test_repair_goes_one_node_at_a_time(made: Component, pool: str, threshold: int) -> None:
    """Broken nodes are replaced singly, in a pool of one as well, and not when most are broken at once."""
    assert made.only("NodeGroup", f"{pool}-pool")["nodeRepairConfig"] == {
        "enabled": True,
        "maxParallelNodesRepairedCount": 1,
        "maxUnhealthyNodeThresholdCount": threshold,
    }


def test_gpu_pool_scales_to_zero_and_keeps_others_off(made: Component) -> None:
    """GPU nodes cost nothing while idle, are bought as told in all the types named, and take only what tolerates them."""
    gpu, system = (made.only("NodeGroup", f"{pool}-pool") for pool in ("gpu", "system"))
    assert (gpu["scalingConfig"]["minSize"], gpu["scalingConfig"]["desiredSize"]) == (0, 0)
    assert (gpu["capacityType"], gpu["instanceTypes"]) == ("SPOT", ["g5.xlarge", "g6.xlarge"])
    assert gpu["taints"] == [{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}]
    assert (gpu["amiType"], system["amiType"]) == ("AL2023_x86_64_NVIDIA", "AL2023_x86_64_STANDARD")
    assert system["capacityType"] == "ON_DEMAND"
    assert not system.get("taints")


def test_nodes_come_after_their_agents_and_with_their_rights(made: Component) -> None:
    """No node starts before the CNI is there, nor before the nodes' role may join and pull."""
    assert made.waits_for("node-pools") >= {"vpc-cni", "kube-proxy", "eks-pod-identity-agent"}
    order = [each.name for each in made.resources]
    for pool in POOLS:
        assert made.waits_for(f"{pool}-pool") >= {"node-joins", "node-pulls", "node-role", f"{pool}-template"}
        assert order.index("vpc-cni") < order.index(f"{pool}-pool")


def test_nodes_join_and_pull_and_no_more(made: Component) -> None:
    """The nodes' role neither configures the network nor opens a session: CNI and people have other ways."""
    attached = [each.inputs for each in made.of("RolePolicyAttachment") if each.name.startswith("node-")]
    assert {each["policyArn"].rpartition("/")[2] for each in attached} == {
        "AmazonEKSWorkerNodePolicy",
        "AmazonEC2ContainerRegistryPullOnly",
    }


def test_load_balancer_finds_the_system_nodes(made: Component) -> None:
    """The Auto Scaling group of the system pool is known by the name that EKS gave it."""
    assert made.exports["groups"] == ["eks-system-pool"]


@pytest.mark.parametrize("preview", [True, False])
def test_unknown_auto_scaling_group_stops_nothing(preview: bool) -> None:
    """Before a node group exists nobody knows its Auto Scaling group, and the program goes on."""
    assert pools(preview=preview).exports["groups"] in (None, [""])


@pytest.mark.parametrize("name", ["g4dn.xlarge", "g5.48xlarge", "g6e.2xlarge", "gr6.4xlarge", "p5.48xlarge"])
def test_existing_gpu_types_are_accepted(name: str) -> None:
    """A GPU pool may have any size that a family comes in."""
    assert is_gpu_type(name)
    assert not is_system_type(name)


@pytest.mark.parametrize(
    "name", ["g4dn.banana", "g4dn", "g4dn.", "p4d.xlarge", "m6i.large", "g5g.xlarge", "g4ad.xlarge"]
)
def test_other_types_are_no_gpu_types(name: str) -> None:
    """A size that does not exist, another family, Graviton and AMD's GPUs are refused."""
    assert not is_gpu_type(name)


@pytest.mark.parametrize(("name", "accepted"), [("m6i.large", True), ("m6i.banana", False), ("m7g.large", False)])
def test_system_types_exist_and_are_x86(name: str, accepted: bool) -> None:
    """The system pool takes existing x86_64 types."""
    assert is_system_type(name) is accepted


@pytest.mark.parametrize(("name", "accepted"), [("p4d.24xlarge", True), ("p5.4xlarge", True), ("g6e.xlarge", False)])
def test_a100_and_h100_can_be_partitioned(name: str, accepted: bool) -> None:
    """Other GPUs of the families have no MIG."""
    assert is_gpu_type(name)
    assert has_mig(name) is accepted


def test_every_family_has_a_type() -> None:
    """No family is listed that the AWS provider does not know."""
    names = [known.value for known in InstanceType]
    for families, accepts in ((GPU_FAMILIES, is_gpu_type), (SYSTEM_FAMILIES, is_system_type)):
        assert {name.partition(".")[0] for name in names if accepts(name)} == families
    assert MIG_FAMILIES < GPU_FAMILIES
