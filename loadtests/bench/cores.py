"""Which processor cores serve and which ask."""

import os
from collections.abc import Sequence

from loadtests.measure import LoadTestError


def halves() -> tuple[list[int], list[int]]:
    """Cores for the server, and for who asks it: half of this process's each. LoadTestError where it has only one."""
    mine = sorted(os.sched_getaffinity(0))
    if len(mine) < 2:
        raise LoadTestError("The bench needs two cores: one for the server and one for who asks it.")
    return mine[len(mine) // 2 :], mine[: len(mine) // 2]


def pinned(command: Sequence[str], cores: Sequence[int]) -> list[str]:
    """The command, on these cores only."""
    return ["taskset", "-c", ",".join(map(str, cores)), *command]


def pin(cores: Sequence[int]) -> None:
    """This thread, and those that it starts from now on, on these cores only."""
    os.sched_setaffinity(0, cores)
