"""What exists in the emulated account."""

from local.aws.inventory import inventory
from local.aws.listings import LISTINGS, SETTINGS
from local.aws.resources import RESOURCES
from tests.local.aws.conftest import World
from tests.local.aws.examples.every import EXAMPLES

TYPES = sorted(RESOURCES)
PROTECTED = {
    "aws:ec2/instance:Instance": "disableApiTermination",
    "aws:lb/loadBalancer:LoadBalancer": "enableDeletionProtection",
}


def test_a_new_account_is_empty(world: World) -> None:
    """What every account has is nobody's."""
    assert inventory(world.api) == []


def test_every_type_is_listed_in_one_way() -> None:
    """A type cannot be added without being found: it is listed, a setting, or remembered."""
    remembered = {kind for kind, resource in RESOURCES.items() if resource.remembered}
    ways = [*(kind for kind in LISTINGS if kind.startswith("aws:")), *SETTINGS, *remembered]
    assert sorted(ways) == TYPES


def test_finds_what_is_there_by_the_engines_ids(world: World) -> None:
    """One resource of every type is found, by its type and id."""
    made = {(kind, world.refer(kind, "id")) for kind in TYPES}
    found = {(item.kind, item.id) for item in inventory(world.api)}
    assert made - found == set()


def test_what_is_found_can_be_read_without_a_state(world: World) -> None:
    """The list tells all that reading takes: what a killed run left can be taken away."""
    for kind in TYPES:
        world.refer(kind, "id")
    unread = [
        item for item in inventory(world.api)
        if item.kind in RESOURCES and world.lifecycle(item.kind).read(item.id, item.told) is None
    ]  # fmt: skip
    assert unread == []


def test_nothing_is_left_after_everything_is_deleted(world: World) -> None:
    """What was made goes without a trace, but for keys, whose deletion AWS only schedules."""
    for kind in TYPES:
        world.refer(kind, "id")
    for kind, state in reversed(world.made()):
        if kind in PROTECTED:
            inputs = dict(EXAMPLES[kind].inputs(world.refer))
            world.lifecycle(kind).update(state["id"], state, inputs, {**inputs, PROTECTED[kind]: False})
        world.lifecycle(kind).delete(state["id"], state)
    left = inventory(world.api)
    assert [item for item in left if not item.scheduled] == []
    assert {item.kind for item in left} == {"aws:kms/key:Key"}
