"""What the stack needs of a cluster, whichever it is."""

from pathlib import Path
from typing import Protocol

from local.phases import Say


class Cluster(Protocol):
    """What the stack needs of a cluster.

    `host_address` is the address of this machine that its pods reach, where the emulated AWS listens. `start` is idempotent.
    """

    name: str
    disposable: bool
    """Whether `stop` removes the cluster itself, and with it all that was deployed."""
    advertises_gpus: bool
    """Whether a node says that it has GPUs, so that pods that ask for one find a place; there need be none."""

    @property
    def tools(self) -> tuple[str, ...]: ...
    @property
    def packages(self) -> tuple[str, ...]: ...
    @property
    def kubeconfig(self) -> Path: ...
    @property
    def host_address(self) -> str: ...
    @property
    def ca_certificate(self) -> Path:
        """PEM certificate of the authority behind `issue_server_certificate`."""

    def issue_server_certificate(self, name: str) -> tuple[Path, Path]:
        """Certificate and key (PEM) of a server that listens on `host_address`; possible before `start`."""

    def check(self) -> None:
        """Raise LocalError, before anything is done, where this cluster can't be used."""

    def start(self, say: Say) -> None: ...
    def load(self, archive: Path, reference: str) -> None: ...
    def expose(self) -> None:
        """Bring the workloads' Services to their ports on 127.0.0.1."""

    def running(self) -> bool: ...
    def stop(self) -> None:
        """Take down what `start` and `expose` made; a cluster that was given stays."""
