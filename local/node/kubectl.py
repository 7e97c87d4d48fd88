"""kubectl as the node's administrator."""

import subprocess

from local.errors import LocalError
from local.node.component import ENVIRONMENT
from local.node.layout import Layout


def run(layout: Layout, *arguments: str, what: str, stdin: str | None = None) -> None:
    """Run it; raises LocalError with its reason where the cluster refuses `what`."""
    command = [
        str(layout.bin / "kubectl"),
        "--kubeconfig",
        str(layout.kubeconfig),
        "--cache-dir",
        str(layout.root / "kubectl-cache"),
        *arguments,
    ]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode != 0:
        raise LocalError(f"The cluster refused {what}: {done.stderr.strip()}")
