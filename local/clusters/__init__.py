"""The Kubernetes cluster that the stack `local` deploys to: this machine's own node, a kind cluster, or one that is given."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from local.clusters.cluster import Cluster
from local.clusters.foreign import GivenCluster, KindCluster
from local.clusters.node import OwnNode
from local.errors import LocalError

__all__ = ["Cluster", "GivenCluster", "KindCluster", "OwnNode", "choose", "forget", "remember", "remembered"]

_GIVEN = ("LOCAL_KUBECONFIG", "LOCAL_HOST_ADDRESS", "LOCAL_IMAGE_IMPORT")
_RECORD = "cluster.json"


def remembered(state: Path, environment: Mapping[str, str]) -> Mapping[str, str]:
    """`environment` with what names the cluster that the stack was brought up on, so that later commands need not say it again.

    Raises LocalError where it names another cluster than the stack is on.
    """
    record = state / _RECORD
    if not record.exists():
        return environment
    earlier: dict[str, str] = json.loads(record.read_text())
    if environment.get("LOCAL_KUBECONFIG", "") not in ("", earlier.get("LOCAL_KUBECONFIG")):
        where = earlier.get("LOCAL_KUBECONFIG") or "this machine's own node"
        raise LocalError(
            f"The stack is up on {where}: run `make down` without LOCAL_KUBECONFIG first, then this again."
        )
    return {**environment, **earlier}


def remember(state: Path, environment: Mapping[str, str]) -> None:
    """Write down which cluster the stack is on."""
    given = {name: environment[name] for name in _GIVEN if environment.get(name)}
    (state / _RECORD).write_text(json.dumps(given))


def forget(state: Path) -> None:
    """The stack is on no cluster any more."""
    (state / _RECORD).unlink(missing_ok=True)


def choose(state: Path, environment: Mapping[str, str] = os.environ) -> Cluster:
    """The cluster that is given (LOCAL_KUBECONFIG), else kind where Docker runs and kind is there, else this machine's own node."""
    if environment.get("LOCAL_KUBECONFIG"):
        return GivenCluster(state, environment)
    if (
        shutil.which("kind")
        and shutil.which("docker")
        and subprocess.run(["docker", "info"], capture_output=True).returncode == 0
    ):
        return KindCluster(state)
    return OwnNode(state)
