"""Where the node keeps its files, all below one directory."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class NodeTools:
    """The programs that no Debian package provides; `kube` answers to the names of the Kubernetes components."""

    kube: Path
    coredns: Path
    pause: Path


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
    def images(self) -> Path:
        """Archives of the two images that the node itself needs."""
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
