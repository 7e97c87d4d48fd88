"""`python -m local.node start|stop|status`: the node alone, without the stack on it."""

import argparse
import os
import sys
import time
from pathlib import Path

from local import toolchain
from local.errors import LocalError
from local.node.node import Node, NodeTools
from local.paths import STATE


def main(arguments: list[str] | None = None) -> int:
    """Exit status 0, or 1 with one sentence on standard error. `status` is 1 as well where the node is not ready."""
    parser = argparse.ArgumentParser(prog="python -m local.node", description=__doc__)
    parser.add_argument("command", choices=("start", "stop", "status"))
    command = parser.parse_args(arguments).command
    try:
        node = Node(state=STATE, tools=_tools() if command == "start" else None)
        if command == "status":
            return _print(node.status())
        began = time.monotonic()
        node.start(exposed=False) if command == "start" else node.stop()
        print(f"{command} took {time.monotonic() - began:.1f} s")
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _tools() -> NodeTools:
    if given := os.environ.get("LOCAL_TOOLS"):
        return lambda name: Path(given, name)
    return toolchain.path


def _print(status: dict[str, object]) -> int:
    components = status.pop("components")
    for name, value in (*status.items(), *(components.items() if isinstance(components, dict) else ())):
        print(f"{name:24} {value if value is not None else '-'}")
    return 0 if status["ready"] else 1


if __name__ == "__main__":
    sys.exit(main())
