"""The tunnel instance: nothing to log in to, nothing to read, one way on."""

import json
from dataclasses import dataclass
from typing import Any

import pulumi
import pytest
from pulumi.runtime.mocks import MockCallArgs

from infra.tunnel import FORWARDING, IMAGE_PARAMETER, AdminTunnel, AdminTunnelArgs
from local.program import Recorder
from tests.infra.components import NAME, Component, context, run_component

VOLUMES_KEY = "arn:aws:kms:us-east-1:123456789012:key/volumes"


@dataclass
class WithImages(Recorder):
    """Knows the public parameter with the newest image as well."""

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        if args.token == "aws:ssm/getParameter:getParameter":
            assert args.args["name"] == IMAGE_PARAMETER
            return {"value": "ami-newest"}, []
        return super().call(args)


@pytest.fixture(scope="module")
def tunnel() -> Component:
    """The component by itself."""

    def build() -> dict[str, pulumi.Input[Any]]:
        made = AdminTunnel(
            "tunnel",
            AdminTunnelArgs(
                context(), subnet_id="subnet-1", security_group_id="sg-tunnel", volumes_key_arn=VOLUMES_KEY
            ),
        )
        return {"instance_id": made.instance_id, "user_policy_arn": made.user_policy_arn}

    return run_component(build, recorder=WithImages())


def statements(tunnel: Component, name: str) -> list[dict[str, Any]]:
    """The statements of one policy."""
    found: list[dict[str, Any]] = json.loads(tunnel.only("Policy", name)["policy"])["Statement"]
    return found


def test_the_instance_has_no_public_address_and_no_key(tunnel: Component) -> None:
    """It stands in the given subnet with the given group alone, and nobody can log in to it with a key."""
    instance = tunnel.only("Instance")
    assert instance["associatePublicIpAddress"] is False
    assert instance["subnetId"] == "subnet-1"
    assert instance["vpcSecurityGroupIds"] == ["sg-tunnel"]
    assert "keyName" not in instance
    assert "userData" not in instance
    assert not tunnel.of("KeyPair")


def test_the_instance_starts_from_the_newest_image(tunnel: Component) -> None:
    """Each update of the stack asks for it again: replacing is how this instance is patched."""
    assert tunnel.only("Instance")["ami"] == "ami-newest"


def test_the_instance_is_hardened_like_a_node(tunnel: Component) -> None:
    """Metadata only with a session token and from the instance itself; the volume is encrypted with our key."""
    instance = tunnel.only("Instance")
    assert instance["metadataOptions"]["httpTokens"] == "required"
    assert instance["metadataOptions"]["httpPutResponseHopLimit"] == 1
    assert instance["rootBlockDevice"]["encrypted"] is True
    assert instance["rootBlockDevice"]["kmsKeyId"] == VOLUMES_KEY
    assert instance["monitoring"] is True


def test_the_instance_can_be_managed_and_nothing_else(tunnel: Component) -> None:
    """Its role opens the channels of Session Manager; it reads no parameter, bucket or secret."""
    managed, channels = statements(tunnel, "tunnel-policy")
    assert managed["Action"] == "ssm:UpdateInstanceInformation"
    assert managed["Resource"].endswith(":instance/*")
    assert {action.partition(":")[0] for action in channels["Action"]} == {"ssmmessages"}
    attached = tunnel.only("RolePolicyAttachment")
    assert attached["policyArn"].endswith(":tunnel-policy")
    trust = json.loads(tunnel.only("Role")["assumeRolePolicy"])["Statement"]
    assert [each["Principal"] for each in trust] == [{"Service": "ec2.amazonaws.com"}]


def test_the_instance_waits_for_its_rights(tunnel: Component) -> None:
    """An agent that starts without them would register only half an hour later."""
    assert "tunnel-rights" in tunnel.waits_for("tunnel")


def test_who_may_open_the_tunnel_gets_no_shell(tunnel: Component) -> None:
    """The policy names this instance and the one document that forwards a port, and has the document checked."""
    opening, ending = statements(tunnel, "tunnel-user-policy")
    assert opening["Action"] == "ssm:StartSession"
    assert opening["Resource"] == [
        "arn:aws:ec2:us-east-1:123456789012:tunnel",
        f"arn:aws:ssm:us-east-1::document/{FORWARDING}",
    ]
    assert opening["Condition"] == {"BoolIfExists": {"ssm:SessionDocumentAccessCheck": "true"}}
    assert ending["Resource"] == "arn:aws:ssm:us-east-1:123456789012:session/${aws:userid}-*"


def test_names_begin_with_the_stacks(tunnel: Component) -> None:
    """Role, policies, profile and instance are found by the stack's name."""
    named = [tunnel.only(kind)["name"] for kind in ("Role", "InstanceProfile")]
    named += [each.inputs["name"] for each in tunnel.of("Policy")]
    named.append(tunnel.only("Instance")["tags"]["Name"])
    assert all(name.startswith(f"{NAME}-tunnel") for name in named)
