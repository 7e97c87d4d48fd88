"""What a killed update made and did not write down is found by the account's own lists, and taken away."""

from collections.abc import Iterator
from typing import Any

import pytest

from local.aws.api import Api
from local.aws.emulator import start_here
from local.aws.lifecycle import Lifecycle
from local.aws.resources import RESOURCES
from local.recovery import left, orphans, recover
from tests.local.aws.conftest import restart

BUCKET, TOPIC, KEY, VPC = (
    "aws:s3/bucket:Bucket", "aws:sns/topic:Topic", "aws:kms/key:Key", "aws:ec2/vpc:Vpc"
)  # fmt: skip
SUBNET, BALANCER = "aws:ec2/subnet:Subnet", "aws:lb/loadBalancer:LoadBalancer"


class KilledEngine:
    """An engine whose last run was killed, and what its state knows."""

    stack = "prod"

    def __init__(self, *known: tuple[str, str], killed: bool = True) -> None:
        self._known, self._killed = known, killed

    def interrupted(self) -> bool:
        return self._killed

    def clear_interruption(self) -> None:
        self._killed = False

    def resources(self) -> list[dict[str, Any]]:
        return [{"type": "pulumi:pulumi:Stack"}, *({"type": kind, "id": found} for kind, found in self._known)]


@pytest.fixture
def api() -> Iterator[Api]:
    """An empty account."""
    server, url = start_here()
    api = Api(endpoint=url)
    restart(url)
    yield api
    server.stop()


def made(api: Api, kind: str, **inputs: Any) -> str:
    """The id of a new resource."""
    identity, _ = Lifecycle(resource=RESOURCES[kind], api=api, default_tags={}).create(inputs)
    return identity


def test_what_the_state_knows_is_no_orphan(api: Api) -> None:
    """Only what the state lacks counts."""
    known, unknown = made(api, BUCKET, bucket="known"), made(api, BUCKET, bucket="unknown")
    engine: Any = KilledEngine((BUCKET, known))
    assert [(item.kind, item.id) for item in orphans(engine, api)] == [(BUCKET, unknown)]


def test_orphans_go_in_whatever_order_aws_allows(api: Api) -> None:
    """A VPC goes after its subnet, a protected load balancer after its protection, and what is known stays."""
    vpc = made(api, VPC, cidrBlock="10.0.0.0/16")
    subnets = [
        made(api, SUBNET, vpcId=vpc, cidrBlock=f"10.0.{number}.0/24", availabilityZone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    ]
    made(api, BALANCER, name="edge", internal=True, subnets=subnets, enableDeletionProtection=True)
    topic = made(api, TOPIC, name="kept")
    engine: Any = KilledEngine((TOPIC, topic))
    said: list[str] = []
    assert recover(engine, api, said.append) is True
    assert [(item.kind, item.id) for item in left(api) if item.kind != "aws:sns/topicPolicy:TopicPolicy"] == [
        (TOPIC, topic)
    ]
    assert "taking away" in said[0]


def test_keys_that_go_by_themselves_do_not_count(api: Api) -> None:
    """AWS deletes no key at once: one that is scheduled for deletion is not left over."""
    key = made(api, KEY, description="gone soon")
    Lifecycle(resource=RESOURCES[KEY], api=api, default_tags={}).delete(key, {})
    assert left(api) == []


def test_nothing_is_touched_where_no_run_was_killed(api: Api) -> None:
    """What somebody else made in the account stays after a run that ended by itself."""
    bucket = made(api, BUCKET, bucket="elsewhere")
    engine: Any = KilledEngine(killed=False)
    assert recover(engine, api, print) is False
    assert [item.id for item in left(api)] == [bucket]
