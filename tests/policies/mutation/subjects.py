"""The compliant stacks that are made worse: our own program as it would be applied, and the world of the rules' tests."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from pulumi.runtime.mocks import MockResourceArgs

from local.program import Recorder, run_program, stack_values, write_model
from policies.rules.resource import Resource
from tests.policies.world import STACK, load

CERTIFICATE = "12345678-1234-1234-1234-123456789012"


def program(folder: Path) -> list[Resource]:
    """Every resource of the production example with its tunnel, as after an update: nothing is unknown.

    Relations are by value (a bucket's name, a VPC's id), as in the state of an imported stack.
    """
    found = [STACK]
    answer = Recorder.new_resource

    def remembering(recorder: Recorder, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        made, outputs = answer(recorder, args)
        urn = f"{args.typ}::{args.name}"
        found.append(Resource(type=args.typ, name=args.name, urn=urn, props={**outputs, "id": made}))
        return made, outputs

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Recorder, "new_resource", remembering)
        run_program(_values(folder), stack="prod", preview=False)
    return found


def _values(folder: Path) -> dict[str, Any]:
    """The example's configuration with what an update refuses as placeholders."""
    values = stack_values("prod", write_model(folder))
    digests = {name: f"sha256:{hashlib.sha256(name.encode()).hexdigest()}" for name in values["inference:imageDigests"]}
    return {
        **values,
        "inference:adminTunnel": True,
        "inference:imageDigests": digests,
        "inference:edge": {**values["inference:edge"], "certificateId": CERTIFICATE},
    }


def world() -> list[Resource]:
    """The entries of world.yaml, related by reference."""
    return [
        STACK,
        *(
            Resource(
                type=entry["type"],
                name=entry["name"],
                urn=f"{entry['type']}::{entry['name']}",
                props=entry["props"],
                references={key: frozenset({_urn(source)}) for key, source in entry["from"].items()},
            )
            for entry in load()
        ),
    ]


def _urn(name: str) -> str:
    return next(f"{entry['type']}::{name}" for entry in load() if entry["name"] == name)
