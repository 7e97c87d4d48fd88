"""Where the node keeps its files, all below one directory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

TOOLS = ("kube", "pause", "coredns", "cert-manager", "metrics-server", "audit-log", "kube-router")
"""The programs that no Debian package provides; `kube` answers to the names of the Kubernetes components."""

NodeTools = Callable[[str], Path]
"""Where each of `TOOLS` is; raises LocalError for one that is not built."""


@dataclass(frozen=True)
class Layout:
    """Paths of the node below `state`, the directory of the whole stack."""

    state: Path

    @property
    def root(self) -> Path:
        """Everything of the node; stopping removes it."""
        return self.state / "node"

    @property
    def bin(self) -> Path:
        """Links by which `kube` is called."""
        return self.root / "bin"

    @property
    def pki(self) -> Path:
        """Certificates and keys."""
        return self.root / "pki"

    @property
    def config(self) -> Path:
        """Rendered configuration, kubeconfig files among it."""
        return self.root / "config"

    @property
    def log(self) -> Path:
        """Logs and pid files."""
        return self.root / "log"

    @property
    def audit_log(self) -> Path:
        """The API server's audit log, in a directory of its own, because a pod sees that."""
        return self.root / "audit" / "audit.log"

    @property
    def images(self) -> Path:
        """Archives of the images that the node itself needs."""
        return self.root / "images"

    @property
    def cni(self) -> Path:
        """CNI configuration."""
        return self.config / "cni"

    @property
    def containerd(self) -> Path:
        """Images, snapshots, containers, and the socket."""
        return self.root / "containerd"

    @property
    def socket(self) -> Path:
        """containerd's socket; it is in the command line of every shim, which is how ours are told from others'."""
        return self.containerd / "containerd.sock"

    @property
    def kubelet(self) -> Path:
        """Volumes of the pods."""
        return self.root / "kubelet"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.root / "kubeconfig"
