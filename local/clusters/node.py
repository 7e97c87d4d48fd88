"""A real Kubernetes node on this machine."""

import os
from pathlib import Path

from local import packages, toolchain
from local.errors import LocalError
from local.node.layout import TOOLS
from local.node.node import Node
from local.phases import Say


class OwnNode:
    """A real Kubernetes node that this project starts on this machine."""

    name = "a Kubernetes node on this machine"
    disposable = True
    advertises_gpus = True
    host_address = "198.18.0.1"
    tools = TOOLS
    packages = packages.NODE

    def __init__(self, state: Path) -> None:
        self._state = state

    @property
    def _node(self) -> Node:
        return Node(state=self._state)

    @property
    def kubeconfig(self) -> Path:
        return self._node.kubeconfig

    @property
    def ca_certificate(self) -> Path:
        return self._node.ca_certificate

    def issue_server_certificate(self, name: str) -> tuple[Path, Path]:
        return self._node.issue_server_certificate(name, addresses=[self.host_address])

    def check(self) -> None:
        if os.geteuid() != 0:
            raise LocalError("A Kubernetes node needs root: run this as root, or name a cluster with LOCAL_KUBECONFIG.")

    def start(self, say: Say) -> None:
        Node(state=self._state, tools=toolchain.path).start()

    def load(self, archive: Path, reference: str) -> None:
        self._node.import_image(archive, reference=reference)

    def expose(self) -> None:
        """The node's own TCP proxy leads to the Services as soon as they have endpoints."""

    def running(self) -> bool:
        return bool(self._node.status()["ready"])

    def stop(self) -> None:
        self._node.stop()
