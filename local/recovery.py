"""What a killed `pulumi up` leaves: things that it made in the emulated account and had not written down yet."""

import re
from collections.abc import Sequence

from local.aws.api import Api, ApiError
from local.aws.inventory import Item, inventory
from local.aws.lifecycle import Lifecycle
from local.aws.listings import SETTINGS
from local.aws.resources import RESOURCES
from local.engine import Engine
from local.errors import LocalError
from local.phases import Say

_IMPORTED = "aws:acm/certificate:Certificate"
"""The load balancer's certificate was there before the stack, here as in any account."""
_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
_RECORD = re.compile(r"-access-logs-\w+/s3/|/AWSLogs/")
_PROTECTIONS = {"enableDeletionProtection", "deletionProtection"}


def recover(engine: Engine, api: Api, say: Say) -> bool:
    """Make state and account agree again after a killed run; false where no run was killed.

    What the state does not know is taken away, and the next run makes it again. In an account of AWS a person decides,
    whom `pulumi refresh` asks about each unfinished operation.
    """
    if not engine.interrupted():
        return False
    engine.clear_interruption()
    found = orphans(engine, api)
    say(f"an earlier run was killed: taking away {len(found)} resources that it had made and not yet written down")
    _take_away(api, found)
    return True


def orphans(engine: Engine, api: Api) -> list[Item]:
    """What exists in the account, will not go by itself, and is not in the engine's state."""
    known = {(each["type"], each["id"]) for each in engine.resources() if each.get("id")}
    return [item for item in left(api) if (item.kind, item.id) not in known and not _belongs(item, known)]


def _belongs(item: Item, known: set[tuple[str, str]]) -> bool:
    """Whether it is a setting of a thing that the state knows: it goes with that, and making it again changes nothing."""
    setting = SETTINGS.get(item.kind)
    return setting is not None and (setting.of, item.id) in known


def left(api: Api) -> list[Item]:
    """What exists in the account and will not go by itself.

    Not keys that are scheduled for deletion, nor what AWS makes and removes along with another thing, nor the records
    that it writes into the stack's buckets.
    """
    kinds = RESOURCES.keys() - {_IMPORTED}
    found = [item for item in inventory(api) if item.kind in kinds and not item.scheduled]
    return [item for item in found if not (item.kind == _OBJECT and _RECORD.search(item.id))]


def _take_away(api: Api, items: Sequence[Item]) -> None:
    """Delete the items in whatever order AWS allows; raises LocalError with its last refusal when none of the rest goes."""
    refusal = ""
    while items:
        rest = []
        for item in items:
            try:
                _delete(api, item)
            except ApiError as error:
                refusal = f"{item.kind} {item.id}: {error}"
                rest.append(item)
        if len(rest) == len(items):
            raise LocalError(f"What a killed run left cannot be taken away: {refusal} Run `make down`, then `make up`.")
        items = rest


def _delete(api: Api, item: Item) -> None:
    lifecycle = Lifecycle(resource=RESOURCES[item.kind], api=api, default_tags={})
    outputs = lifecycle.read(item.id, item.told)
    if outputs is None:
        return
    outputs = {**item.told, **outputs}
    for name in _PROTECTIONS & outputs.keys():
        outputs = lifecycle.update(item.id, outputs, {name: True}, {name: False})
    lifecycle.delete(item.id, {**outputs, "forceDestroy": True, "forceDelete": True})
