"""Programs that change the machine's network."""

import subprocess

from local.errors import LocalError
from local.node.component import ENVIRONMENT


def run(*command: str, stdin: str | None = None) -> str:
    """Run it and return its standard output; raises LocalError with its first line where it fails."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise LocalError(
            f"`{' '.join(command)}` failed ({reason}): the kernel must support bridges, policy routing, nftables and ipset."
        )
    return done.stdout
