"""Which line of this program makes each resource, for whoever reads the policy report.

The engine keeps such lines in the stack's state and shows none of a preview, so the program writes them itself.
"""

import json
import os
import sys
from pathlib import Path
from types import FrameType

import pulumi

FILE = "POLICY_SOURCES"
"""Environment variable with the file to write: one JSON object a line. Nothing is written where it is not set."""
PROGRAM = Path(__file__).resolve().parent


def write_source_lines() -> None:
    """Write down every resource that the running program registers: call it before the first one."""
    if not os.environ.get(FILE):
        return
    lines = Path(os.environ[FILE])
    lines.write_text("")

    def note(args: pulumi.ResourceTransformationArgs) -> None:
        if found := _maker(args.resource):
            with lines.open("a") as file:
                file.write(json.dumps({"resource": f"{args.type_}::{args.name}", **found}) + "\n")

    pulumi.runtime.register_stack_transformation(note)


def _maker(resource: pulumi.Resource) -> dict[str, str | int] | None:
    """File, relative to the repository, and line of the innermost call in this program that is not the resource's own."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(PROGRAM) and file != Path(__file__) and frame.f_locals.get("self") is not resource:
            return {"file": file.relative_to(PROGRAM.parent).as_posix(), "line": frame.f_lineno}
        frame = frame.f_back
    return None
