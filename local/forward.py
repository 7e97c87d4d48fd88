"""Brings Services to loopback where the cluster is not ours: `kubectl port-forward`, kept alive.

Before a Service that speaks TLS stands `local.reencryption`, so that clients find the same addresses on every cluster.
"""

import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from local import toolchain
from local.errors import LocalError
from local.node.addresses import FORWARDS, Forward
from local.processes import Process

RETRY_S = 1.0
_BEHIND = 1000
"""How much higher kubectl's port is where the target's own is reencryption's."""


def start(directory: Path, kubeconfig: Path, targets: Sequence[Forward] = FORWARDS) -> None:
    """Start what each target needs unless it runs already."""
    for target in targets:
        for name, command in commands(target, kubeconfig).items():
            Process(name=name, directory=directory).start([sys.executable, "-m", *command])


def stop(directory: Path, targets: Sequence[Forward] = FORWARDS) -> None:
    """End the forwarders."""
    for target in targets:
        for name in commands(target, Path()):
            Process(name=name, directory=directory).stop()


def commands(target: Forward, kubeconfig: Path) -> dict[str, list[str]]:
    """Module and arguments of each process by its name."""
    port = target.port + _BEHIND if target.tls else target.port
    to_cluster = ["local.forward", str(kubeconfig), target.namespace, target.service, str(port)]
    commands = {f"forward-{target.port}": [*to_cluster, str(target.service_port)]}
    if target.tls:
        commands[f"reencryption-{target.port}"] = ["local.reencryption", str(target.port), str(port)]
    return commands


def kubectl() -> Path:
    """The built kubectl, else the one on PATH; raises LocalError where there is neither."""
    try:
        return toolchain.path("kube")
    except LocalError:
        found = shutil.which("kubectl")
        if found is None:
            raise
        return Path(found)


def _forward(kubeconfig: str, namespace: str, service: str, local_port: str, port: str) -> None:
    """Forward for ever: kubectl's forward ends with the pod that it chose, so begin anew whenever it ends."""
    command = [
        "kubectl",
        "--kubeconfig",
        kubeconfig,
        "-n",
        namespace,
        "port-forward",
        "--address",
        "127.0.0.1",
        f"service/{service}",
        f"{local_port}:{port}",
    ]
    child: subprocess.Popen[bytes] | None = None
    try:
        while True:
            child = subprocess.Popen(command, executable=kubectl())
            child.wait()
            time.sleep(RETRY_S)
    finally:
        if child:
            child.terminate()


if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    _forward(*sys.argv[1:])
