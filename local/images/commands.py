"""Runs the tools that build images."""

import subprocess
from collections.abc import Mapping, Sequence

from local.errors import LocalError

_NAMESPACES = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
"""Processes and mounts of their own, which the kernel ends when the first process ends. Takes root."""


def run(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    timeout_s: float | None = None,
    contained: bool = False,
) -> str:
    """Run to the end and return standard output; raises LocalError with the tool's last words.

    The tool is killed when this process ends, however that comes about. `contained`: so is all that it started, and
    what it mounted is gone, because a builder's steps do not end with the builder.
    """
    prefix = ("setpriv", "--pdeathsig", "KILL", *(_NAMESPACES if contained else ()))
    try:
        result = subprocess.run(
            [*prefix, *arguments],
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            timeout=timeout_s,
            env=dict(environment) if environment is not None else None,
        )
    except subprocess.TimeoutExpired:
        raise LocalError(f"`{arguments[0]}` gave no answer within {timeout_s:.0f} s: try again.") from None
    if result.returncode != 0:
        lines = (result.stderr or result.stdout).strip().splitlines()
        raise LocalError(f"`{arguments[0]}` failed: {lines[-1] if lines else f'exit status {result.returncode}'}")
    return result.stdout


def succeeds(arguments: Sequence[str], *, timeout_s: float) -> bool:
    """Whether the command ends well within the time."""
    try:
        run(arguments, timeout_s=timeout_s)
    except (LocalError, FileNotFoundError):
        return False
    return True
