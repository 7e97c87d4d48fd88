"""Background processes are found again, ended when they are ours, and never mistaken for another's."""

import os
import sys
from pathlib import Path

import pytest

from local.errors import LocalError
from local.processes import Process, await_condition, started_at, status

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
FIRST_THREAD_ENDS = """
import ctypes, threading, time
threading.Thread(target=time.sleep, args=(600,)).start()
ctypes.CDLL(None).pthread_exit(None)
"""


@pytest.fixture
def process(tmp_path: Path) -> Process:
    """A process that has not been started."""
    return Process(name="sleeper", directory=tmp_path)


def test_a_second_start_leaves_the_first_process_running(process: Process) -> None:
    """Starting is idempotent: the pid stays the same."""
    assert process.start(SLEEPER)
    try:
        first = process.pid()
        assert not process.start(SLEEPER)
        assert process.pid() == first
    finally:
        process.stop()


def test_stop_ends_the_process_and_can_be_repeated(process: Process) -> None:
    """After stop there is no such process; stopping again is no error."""
    process.start(SLEEPER)
    pid = process.pid()
    assert pid is not None
    process.stop()
    process.stop()
    assert process.pid() is None
    assert started_at(pid) is None


def test_a_process_runs_until_its_last_thread_has_ended(process: Process) -> None:
    """The first thread may end before the others, which still hold what the process opened: its ports, say."""
    process.start([sys.executable, "-c", FIRST_THREAD_ENDS])
    try:
        pid = process.pid()
        assert pid is not None
        await_condition(lambda: (status(pid) or [""])[0] == "Z", what="the end of the first thread", timeout_s=20)
        assert process.pid() == pid
    finally:
        process.stop()
    assert started_at(pid) is None


def test_another_process_with_the_recorded_pid_is_neither_taken_for_ours_nor_ended(
    process: Process, tmp_path: Path
) -> None:
    """A pid that was used again (here: this test's own) is told apart by its start time."""
    (tmp_path / "sleeper.pid").write_text(f"{os.getpid()} 1")
    assert process.pid() is None
    process.stop()
    assert started_at(os.getpid()) is not None


def test_the_output_is_kept_for_error_messages(process: Process) -> None:
    """What the process printed can be shown."""
    process.start(SLEEPER)
    try:
        await_condition(lambda: process.tail() == "up", what="the first line", timeout_s=20)
    finally:
        process.stop()


def test_a_condition_that_never_holds_is_named(tmp_path: Path) -> None:
    """The error says what was awaited and how long."""
    with pytest.raises(LocalError, match=r"The answer did not happen within 0 s\."):
        await_condition(lambda: False, what="The answer", timeout_s=0)
