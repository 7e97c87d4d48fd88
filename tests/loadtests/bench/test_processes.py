"""Programs that a bench starts."""

import os
import sys
from pathlib import Path

import pytest

from loadtests.bench.processes import process

_PARENT = """
import signal, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
print(child.pid, flush=True)
signal.pause()
"""


def test_what_a_program_started_ends_with_it(tmp_path: Path) -> None:
    """Even where the program leaves it behind when it is told to stop."""
    log = tmp_path / "parent.log"
    with process(tmp_path, "parent", [sys.executable, "-c", _PARENT], {}) as parent:
        while not log.read_text().endswith("\n"):
            assert parent.poll() is None
        child = int(log.read_text())
        os.kill(child, 0)
    status = Path(f"/proc/{child}/stat")  # gone, or dead and not yet collected by whoever adopted it
    while status.exists() and status.read_text().rpartition(")")[2].split()[0] != "Z":
        pass
    assert parent.returncode is not None


def test_a_program_gets_its_settings_and_a_log(tmp_path: Path) -> None:
    """What it prints is kept, whatever became of it."""
    command = [sys.executable, "-c", "import os; print(os.environ['NAME'])"]
    with process(tmp_path, "program", command, {"NAME": "value"}) as program:
        assert program.wait(60) == 0
    assert (tmp_path / "program.log").read_text() == "value\n"
    with pytest.raises(ProcessLookupError):
        os.killpg(program.pid, 0)
