"""Memory of a process and its children."""

import os
import subprocess
import sys

from loadtests.bench.memory import resident

MIB = 1024 * 1024
_HOLDS = "import sys; held = bytearray(b'x') * (64 * 2**20); print('ready', flush=True); sys.stdin.read()"


def test_counts_what_a_child_holds() -> None:
    """A child with 64 MiB is at least that much more."""
    before = resident(os.getpid())
    with subprocess.Popen([sys.executable, "-c", _HOLDS], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
        assert resident(child.pid) > 64 * MIB
        assert resident(os.getpid()) - before > 60 * MIB


def test_a_process_that_is_gone_holds_nothing() -> None:
    """It may end between two looks."""
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert resident(child.pid) == 0
