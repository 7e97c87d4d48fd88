"""A killed update ends at once, with every process that it started."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from local.killing import run_and_kill
from local.processes import await_condition, started_at

ENGINE = """
import os, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], process_group=0)
print(child.pid, flush=True)
open(sys.argv[1], "w").write(str(child.pid))
for number in range(int(sys.argv[2])):
    print(f" +  aws:s3:Bucket bucket-{number} creating (0s)", flush=True)
if sys.argv[3] == "stay":
    child.wait()
else:
    child.kill()
"""


class Engine:
    """Prints what the engine prints, and starts a plugin in a process group of its own, as the engine does."""

    def __init__(self, folder: Path, *, resources: int, stays: bool) -> None:
        self.project = folder
        self._command = [
            sys.executable,
            "-c",
            ENGINE,
            str(folder / "child"),
            str(resources),
            "stay" if stays else "end",
        ]

    def command(self, *arguments: str) -> list[str]:
        return [*self._command, *arguments]

    def environment(self) -> dict[str, str]:
        return dict(os.environ)


def test_every_process_is_ended(tmp_path: Path) -> None:
    """The plugin ends with the engine although it is in another process group."""
    engine: Any = Engine(tmp_path, resources=5, stays=True)
    assert run_and_kill(engine, ["up"], creating=3) == 3
    child = int((tmp_path / "child").read_text())
    await_condition(lambda: started_at(child) is None, what="the end of the plugin", timeout_s=20)


@pytest.mark.parametrize("creating", [4, 100])
def test_a_run_that_ends_by_itself_is_not_waited_for(tmp_path: Path, creating: int) -> None:
    """Where fewer resources are made than were waited for, the run has ended and the number says so."""
    engine: Any = Engine(tmp_path, resources=2, stays=False)
    assert run_and_kill(engine, ["up"], creating=creating) == 2
