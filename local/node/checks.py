"""What the machine must have before a node can start on it, each with the remedy."""

import os
import shutil
import subprocess
from pathlib import Path

from local.errors import LocalError
from local.node import policies
from local.node.component import ENVIRONMENT

PACKAGES = {
    "containerd": "containerd",
    "runc": "runc",
    "nft": "nftables",
    "ip": "iproute2",
    "haproxy": "haproxy",
    "iptables": "iptables",
    "ipset": "ipset",
    "mount": "mount",
    "setpriv": "util-linux",
    "/usr/lib/cni/bridge": "containernetworking-plugins",
}
MEMORY_BYTES = 3 << 30
DISK_BYTES = 5 << 30
_CAP_SYS_RESOURCE = 24
_SEARCH = ENVIRONMENT["PATH"]


def machine(state: Path) -> None:
    """Raise LocalError for the first thing that is missing."""
    root()
    packages()
    kernel()
    policies.refuse_another()
    room(state)


def root() -> None:
    """Namespaces, mounts and the firewall are root's."""
    if os.geteuid() != 0:
        raise LocalError("The Kubernetes node needs root: run the command as root or with sudo.")


def packages() -> None:
    """Raise LocalError with the one apt-get line that installs every missing package."""
    missing = sorted(package for program, package in PACKAGES.items() if shutil.which(program, path=_SEARCH) is None)
    if missing:
        raise LocalError(f"The node needs packages that are not installed: apt-get install --yes {' '.join(missing)}")


def kernel(filesystems: Path = Path("/proc/filesystems"), bridge: Path = Path("/proc/sys/net/bridge")) -> None:
    """overlayfs for images, br_netfilter for Services between pods of one bridge."""
    _module("overlay")
    if "\toverlay" not in filesystems.read_text():
        raise LocalError("This kernel has no overlayfs, which images need: load it with `modprobe overlay`.")
    _module("br_netfilter")
    if not bridge.is_dir():
        raise LocalError("This kernel does not filter bridged traffic: load the module with `modprobe br_netfilter`.")


def room(state: Path, *, memory_bytes: int = MEMORY_BYTES, disk_bytes: int = DISK_BYTES) -> None:
    """Enough memory and disk that the kubelet does not evict pods at once."""
    fields = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    total = int(fields["MemTotal"].split()[0]) * 1024
    if total < memory_bytes:
        raise LocalError(f"The node needs {_gib(memory_bytes)} of memory and this machine has {_gib(total)}.")
    existing = next(path for path in (state, *state.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    if free < disk_bytes:
        raise LocalError(
            f"The node needs {_gib(disk_bytes)} of free disk at {existing}, where {_gib(free)} are free:"
            " make room there or set LOCAL_STATE."
        )


def may_raise_priority(status: Path = Path("/proc/self/status")) -> bool:
    """Whether a process may lower its own OOM score (CAP_SYS_RESOURCE)."""
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    return bool(int(fields["CapEff"], 16) >> _CAP_SYS_RESOURCE & 1)


def _module(name: str) -> None:
    """Load a module where it is one; where it is built in there is nothing to load, so failure says nothing."""
    program = shutil.which("modprobe", path=_SEARCH)
    if program and not Path(f"/sys/module/{name}").exists():
        subprocess.run([program, "--quiet", name], check=False)


def _gib(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB"
