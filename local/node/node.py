"""The Kubernetes node of the local stack: start, stop, status, and what the rest of the stack needs of it."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from local.errors import LocalError
from local.node import api, checks, images, leftovers, network, owner, startup
from local.node.layout import Layout, NodeTools
from local.node.pki import Authority, Identity
from local.paths import REPO
from local.processes import Process

__all__ = ["Node", "NodeTools"]

# The reverse of the start, except that nothing may start pods again while they are ended.
_STOP_ORDER = (
    "haproxy",
    "kubelet",
    "kube-scheduler",
    "kube-controller-manager",
    "kube-proxy",
    "containerd",
    "kube-router",
    "kube-apiserver",
    "etcd",
)


class Node:
    """One Kubernetes node below `state`; `clone` owns it, and another clone is refused while it runs.

    Only `start` needs `tools`: a node can be stopped after its tools are gone.
    """

    def __init__(self, *, state: Path, tools: NodeTools | None = None, clone: Path = REPO) -> None:
        self._layout = Layout(state)
        self._tools = tools
        self._clone = clone

    @property
    def kubeconfig(self) -> Path:
        """The administrator's kubeconfig (0600), self-contained; there after `start`."""
        return self._layout.kubeconfig

    @property
    def ca_certificate(self) -> Path:
        """PEM certificate of the authority behind the API server and `issue_server_certificate`."""
        return self._layout.pki / "ca.crt"

    def prepare_network(self) -> None:
        """Make the bridge with the node's address, for servers that pods reach; `start` does it too. Idempotent."""
        checks.machine(self._layout.state)
        with self._locked():
            self._take()

    def issue_server_certificate(
        self, name: str, *, addresses: Sequence[str] = (), dns_names: Sequence[str] = ()
    ) -> tuple[Path, Path]:
        """Certificate and key (PEM) of a server on this machine, kept while they last; possible before `start`."""
        identity = Identity(name=name, common_name=name, addresses=tuple(addresses), dns=tuple(dns_names), server=True)
        return Authority(self._layout.pki, "ca").issue(identity, self._layout.pki / "servers")

    def start(self, *, exposed: bool = True) -> None:
        """Bring the node up: Ready, its DNS answering. Idempotent; what runs as it should is left alone.

        `exposed`: the workloads' Services are reached on loopback, at the ports of `addresses.FORWARDS`.
        """
        if self._tools is None:
            raise LocalError("The node's tools are not known: run `make tools`.")
        checks.machine(self._layout.state)
        with self._locked():
            self._take()
            startup.run(self._layout, self._tools, exposed=exposed)

    def stop(self) -> None:
        """End everything and remove every trace, the data included. Idempotent; raises LocalError naming what stays."""
        checks.root()
        owner.refuse_other(self._layout.state, self._clone)
        with self._locked():
            self._stop()
        owner.release(self._layout.state)

    def status(self) -> dict[str, object]:
        """`ready`, `version`, `owner`, and under `components` the pid of each process (None where it does not run)."""
        checks.root()
        pids = self._pids()
        seen = api.node_ready(api.admin(self._layout)) if pids["kube-apiserver"] else {}
        return {
            "ready": bool(seen) and all(pid is not None for name, pid in pids.items() if name != "haproxy"),
            "version": seen["status"]["nodeInfo"]["kubeletVersion"] if seen else None,
            "owner": owner.read(self._layout.state),
            "components": pids,
        }

    def import_image(self, archive: Path, *, reference: str) -> None:
        """Give the kubelet the image of an OCI archive under `reference` (`name@sha256:…`); idempotent."""
        images.load(self._layout, archive, reference)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One command at a time: a second is refused, not queued. The lock is on the directory that holds the state."""
        parent = next(path for path in self._layout.state.parents if path.exists())
        with _open_directory(parent) as descriptor:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LocalError("Another start or stop of the local node runs: wait until it ends.") from None
            yield

    def _take(self) -> None:
        """Own the state, clean what another clone or a lost state directory left, and make the network."""
        layout = self._layout
        claim = owner.claim(layout.state, self._clone)
        record = layout.root / "kernel-settings.json"
        leftovers.end_strays(layout, {pid for pid in self._pids().values() if pid is not None})
        if claim is owner.Claim.TAKEN_OVER or (not record.exists() and leftovers.found(layout)):
            self._stop()
        network.prepare(record)

    def _pids(self) -> dict[str, int | None]:
        return {name: Process(name=name, directory=self._layout.log).pid() for name in reversed(_STOP_ORDER)}

    def _stop(self) -> None:
        """End pods before their runtime, so that it takes down their mounts and networks; then remove what is left."""
        layout = self._layout
        for name in _STOP_ORDER:
            process = Process(name=name, directory=layout.log)
            if name == "containerd" and process.pid() is not None:
                with suppress(LocalError):  # what a broken runtime can't end, `clean` ends
                    images.end_containers(layout)
            process.stop()
        leftovers.clean(layout)


@contextmanager
def _open_directory(path: Path) -> Iterator[int]:
    """A descriptor of the directory, closed at the end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
