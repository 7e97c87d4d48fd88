"""The pods' cgroups: one directory of ours in every hierarchy, whichever version of cgroups the machine has."""

import os
import signal
from pathlib import Path

from local.node.addresses import CGROUP
from local.processes import await_condition


def roots() -> list[Path]:
    """Our directory in each mounted hierarchy, whether it exists or not."""
    return [hierarchy / CGROUP for hierarchy in hierarchies(Path("/proc/self/mountinfo").read_text())]


def hierarchies(mountinfo: str) -> list[Path]:
    """Mount points of cgroup file systems; runc uses the unified hierarchy beside version 1 as well."""
    mounts = [line.split(" - ") for line in mountinfo.splitlines()]
    return [Path(left.split()[4]) for left, right in mounts if right.split()[0] in ("cgroup", "cgroup2")]


def make() -> None:
    """The kubelet wants its root to exist."""
    for root in roots():
        root.mkdir(exist_ok=True)


def remove() -> None:
    """End every process in our cgroups, then remove them; idempotent."""
    present = [root for root in roots() if root.exists()]
    if not present:
        return
    for pid in _processes(present):
        os.kill(pid, signal.SIGKILL)
    await_condition(lambda: not _processes(present), what="the end of the pods' processes", timeout_s=20)
    for root in present:
        for directory, _, _ in os.walk(root, topdown=False):
            os.rmdir(directory)


def _processes(present: list[Path]) -> set[int]:
    return {
        int(pid) for root in present for listing in root.rglob("cgroup.procs") for pid in listing.read_text().split()
    }
