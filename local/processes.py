"""Background processes that outlive the command that started them, identified so that no other process is ever ended."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from local.errors import LocalError

_outliving: list[subprocess.Popen[bytes]] = []
"""Children of this command that are meant to outlive it: kept, so that the interpreter does not warn that they run on."""


def started_at(pid: int) -> str | None:
    """The kernel's start time of a process (clock ticks since boot, as text), or None where there is no such process.

    A pid together with its start time names one process for as long as the machine is up: pids alone are used again.
    One whose first thread ended runs for as long as another of its threads does, and so do the ports that it listens on.
    """
    fields = status(pid)
    if fields is None:
        return None
    state, threads, start = fields[0], int(fields[17]), fields[19]
    return None if state == "Z" and threads <= 1 else start


def status(pid: int) -> list[str] | None:
    """What the kernel says of a process, from its state on (proc_pid_stat(5), field 3), or None where there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def await_condition(condition: Callable[[], bool], *, what: str, timeout_s: float, interval_s: float = 0.2) -> None:
    """Return as soon as `condition()` holds; raises LocalError, naming `what`, when it does not within `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise LocalError(f"{what} did not happen within {timeout_s:.0f} s.")
        time.sleep(interval_s)


@dataclass(frozen=True, kw_only=True)
class Process:
    """One background process: `<directory>/<name>.pid` says which it is, `<directory>/<name>.log` what it printed."""

    name: str
    directory: Path

    @property
    def log(self) -> Path:
        """Standard output and standard error, of every start."""
        return self.directory / f"{self.name}.log"

    @property
    def _record(self) -> Path:
        return self.directory / f"{self.name}.pid"

    def pid(self) -> int | None:
        """The pid of the process while it runs, else None (never started, ended, or the machine was restarted)."""
        try:
            pid, _, start = self._record.read_text().partition(" ")
        except FileNotFoundError:
            return None
        return int(pid) if pid.isdigit() and start and started_at(int(pid)) == start else None

    def start(
        self, command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> bool:
        """Start `command` in a session of its own unless it runs already; True where this call started it."""
        if self.pid() is not None:
            return False
        self.directory.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            child = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=dict(env) if env is not None else None,
                cwd=cwd,
            )
        _outliving.append(child)
        record = self._record.with_suffix(".new")
        record.write_text(f"{child.pid} {started_at(child.pid)}")
        record.replace(self._record)
        return True

    def stop(self, *, timeout_s: float = 20) -> None:
        """End the process (SIGTERM, then SIGKILL after `timeout_s`) and forget it; a process that is not ours is left alone."""
        pid = self.pid()
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            try:
                await_condition(lambda: self.pid() is None, what=f"the end of {self.name}", timeout_s=timeout_s)
            except LocalError:
                os.kill(pid, signal.SIGKILL)
                await_condition(lambda: self.pid() is None, what=f"the end of {self.name}", timeout_s=timeout_s)
        self._record.unlink(missing_ok=True)

    def tail(self, lines: int = 5) -> str:
        """The last lines that it printed, for an error message."""
        try:
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""
