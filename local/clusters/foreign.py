"""Clusters that are not made by this project: one that is given, and kind's."""

import shlex
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from local import forward
from local.errors import LocalError
from local.node.pki import Authority, Identity
from local.phases import Say


class _Foreign(ABC):
    """A cluster whose Services come to loopback through `kubectl port-forward`."""

    tools: tuple[str, ...] = () if shutil.which("kubectl") else ("kube",)
    packages: tuple[str, ...] = ()
    advertises_gpus = False

    def __init__(self, state: Path, kubeconfig: Path) -> None:
        self.kubeconfig = kubeconfig
        self._forwarders = state / "forward"
        self._pki = state / "pki"

    @property
    @abstractmethod
    def host_address(self) -> str: ...

    @property
    def ca_certificate(self) -> Path:
        return self._pki / "ca.crt"

    def issue_server_certificate(self, name: str) -> tuple[Path, Path]:
        identity = Identity(name=name, common_name=name, addresses=(self.host_address,), dns=(), server=True)
        return Authority(self._pki, "ca").issue(identity, self._pki / "servers")

    def running(self) -> bool:
        return self._answers("get", "--raw", "/readyz")

    def _require_cert_manager(self) -> None:
        """On this machine's own node and on EKS it comes with the cluster."""
        if not self._answers("get", "crd", "certificates.cert-manager.io"):
            raise LocalError(
                f"The cluster of {self.kubeconfig} has no cert-manager, which issues the stack's certificates: install it "
                "there (https://cert-manager.io/docs/installation/), then run this again."
            )

    def _answers(self, *arguments: str) -> bool:
        command = ["kubectl", "--kubeconfig", str(self.kubeconfig), "--request-timeout=10s", *arguments]
        return subprocess.run(command, executable=forward.kubectl(), capture_output=True).returncode == 0

    def expose(self) -> None:
        forward.start(self._forwarders, self.kubeconfig)

    def stop(self) -> None:
        forward.stop(self._forwarders)


class GivenCluster(_Foreign):
    """The cluster of LOCAL_KUBECONFIG, which somebody else started and will stop."""

    disposable = False

    def __init__(self, state: Path, environment: Mapping[str, str]) -> None:
        super().__init__(state, Path(environment["LOCAL_KUBECONFIG"]).absolute())
        self.name = f"the cluster of {self.kubeconfig}"
        self._host_address = environment.get("LOCAL_HOST_ADDRESS", "")
        self._import = environment.get("LOCAL_IMAGE_IMPORT", "")

    @property
    def host_address(self) -> str:
        return self._host_address

    def check(self) -> None:
        if not self.kubeconfig.is_file():
            raise LocalError(
                f"LOCAL_KUBECONFIG names {self.kubeconfig}, which is no file: name the cluster's kubeconfig."
            )
        if not self._host_address:
            raise LocalError("Set LOCAL_HOST_ADDRESS to the address of this machine that the cluster's pods can reach.")
        if not self._import:
            raise LocalError(
                "Set LOCAL_IMAGE_IMPORT to the command that puts an image archive into the cluster's image store, "
                "with {archive}, {repository} and {reference} (the repository with the image's digest) in it."
            )

    def start(self, say: Say) -> None:
        if not self.running():
            raise LocalError(
                f"The API server of {self.kubeconfig} does not answer: start the cluster, then run this again."
            )
        self._require_cert_manager()

    def load(self, archive: Path, reference: str) -> None:
        command = [
            part.format(archive=archive, reference=reference, repository=reference.partition("@")[0])
            for part in shlex.split(self._import)
        ]
        _run(command, "LOCAL_IMAGE_IMPORT")


class KindCluster(_Foreign):
    """A kind cluster of this project's own, where Docker and kind are there."""

    name = "a kind cluster"
    disposable = True
    _cluster = "private-inference"

    def __init__(self, state: Path) -> None:
        super().__init__(state, state / "kind" / "kubeconfig")

    @property
    def host_address(self) -> str:
        """The gateway of Docker's network `kind`, which is this machine as kind's pods see it."""
        template = "{{range .IPAM.Config}}{{.Gateway}} {{end}}"
        gateways = _run(["docker", "network", "inspect", "kind", "--format", template], "docker").split()
        return next(address for address in gateways if ":" not in address)

    def check(self) -> None:
        pass

    def start(self, say: Say) -> None:
        if self._cluster not in _run(["kind", "get", "clusters"], "kind").split():
            say("creating the kind cluster")
            self.kubeconfig.parent.mkdir(parents=True, exist_ok=True)
            configuration = self.kubeconfig.with_name("cluster.yaml")
            configuration.write_text(
                "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\n"
                "networking: {podSubnet: 198.18.0.0/16, serviceSubnet: 198.19.0.0/16, apiServerAddress: 127.0.0.1}\n"
                "nodes: [{role: control-plane, labels: {inference/node-pool: system}}]\n"
            )
            _run(
                [
                    "kind",
                    "create",
                    "cluster",
                    "--name",
                    self._cluster,
                    "--config",
                    str(configuration),
                    "--kubeconfig",
                    str(self.kubeconfig),
                    "--wait",
                    "180s",
                ],
                "kind",
            )
        self._require_cert_manager()

    def load(self, archive: Path, reference: str) -> None:
        # Not `kind load image-archive`: it reads Docker's own format only, and gives no reference by digest.
        repository = reference.partition("@")[0]
        command = ["docker", "exec", "-i", f"{self._cluster}-control-plane", "ctr", "-n", "k8s.io", "images", "import"]
        with archive.open("rb") as image:
            _run([*command, "--base-name", repository, "--digests", "-"], "docker", stdin=image)

    def stop(self) -> None:
        super().stop()
        _run(["kind", "delete", "cluster", "--name", self._cluster, "--kubeconfig", str(self.kubeconfig)], "kind")


def _run(command: list[str], what: str, *, stdin: IO[bytes] | int = subprocess.DEVNULL) -> str:
    result = subprocess.run(command, capture_output=True, text=True, stdin=stdin)
    if result.returncode != 0:
        last = (result.stderr.strip().splitlines() or ["it printed nothing"])[-1]
        raise LocalError(f"{what} failed ({last}): run `{shlex.join(command)}` to see why.")
    return result.stdout
