"""The compliant stack of world.yaml, and ways to judge it and to break it."""

from collections.abc import Iterable
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from policies.outcomes import Verdict
from policies.rules import RULES
from policies.rules.reads import view
from policies.rules.resource import Resource, Stack

World = list[dict[str, Any]]
PropertyPath = tuple[str | int, ...]
REMOVE = object()
UNKNOWN = UNKNOWN_STRING_VALUE
STACK = Resource(type="pulumi:pulumi:Stack", name="stack", urn="stack", props={})


class _Copies(yaml.SafeDumper):
    """Writes what anchors share as copies, so that a change stays in one place."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@cache
def _entries() -> World:
    shared = yaml.safe_load((Path(__file__).parent / "world.yaml").read_text())
    return [{"from": {}, **entry} for entry in yaml.safe_load(yaml.dump(shared, Dumper=_Copies))]


def load() -> World:
    """A fresh copy of the entries."""
    return deepcopy(_entries())


def change(world: World, name: str, path: PropertyPath, value: Any = REMOVE) -> None:
    """Set a property, append at a list's end, remove it (no value), or remove the resource (no path)."""
    entry = next(item for item in world if item["name"] == name)
    if not path:
        world.remove(entry)
        return
    *parents, last = path
    target = entry["props"]
    for part in parents:
        target = target[part]
    if value is REMOVE:
        del target[last]
    elif isinstance(target, list) and last == len(target):
        target.append(value)
    else:
        target[last] = value


def resources(world: Iterable[dict[str, Any]]) -> list[Resource]:
    """The entries as the engine hands them to rules, unknown values and references included."""
    return [
        STACK,
        *(
            Resource(
                type=item["type"],
                name=item["name"],
                urn=item["name"],
                props=view(item["props"]),
                references={key: frozenset({source}) for key, source in item["from"].items()},
            )
            for item in world
        ),
    ]


def judge(world: World) -> dict[tuple[str, str], Verdict]:
    """Every rule on every resource: (rule, resource name) to verdict."""
    listed = resources(world)
    stack = Stack(listed)
    return {(rule.name, item.name): rule.judge(item, stack)[0] for rule in RULES for item in listed}
