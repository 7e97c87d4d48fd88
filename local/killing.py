"""Ending an update as a lost machine does: every process of it at once, with SIGKILL."""

import os
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from local.engine import Engine
from local.processes import status


def run_and_kill(engine: Engine, arguments: Sequence[str], *, creating: int) -> int:
    """Run `pulumi` and kill it as it begins to make the `creating`-th resource; return how many it had begun to make."""
    with subprocess.Popen(
        engine.command(*arguments),
        cwd=engine.project,
        env=engine.environment(),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # the engine gives its plugins process groups of their own, but they stay in the session
    ) as process:
        begun = 0
        for line in process.stdout or ():
            begun += " creating (" in line
            if begun >= creating:
                break
        for pid in _session(process.pid):
            os.kill(pid, signal.SIGKILL)
    return begun


def _session(leader: int) -> Iterator[int]:
    """The leader of a session and its members."""
    for pid in [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]:
        fields = status(pid)
        if fields is not None and int(fields[3]) == leader:
            yield pid
