"""What a node leaves on the machine, recognised as ours by our own paths, names and addresses, and removed."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from local.errors import LocalError
from local.node import cgroups, network, policies
from local.node.addresses import BRIDGE, BRIDGE_TABLE, FIREWALL_TABLE, PROXY_TABLES
from local.node.component import ENVIRONMENT
from local.node.layout import Layout
from local.processes import await_condition

_SHIM = "containerd-shim-runc-v2"
_COMPONENTS = (
    "etcd",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kubelet",
    "kube-proxy",
    "kube-router",
)
_CONTAINER_LOG_LINKS = Path("/var/log/containers")
_CNI_RESULTS = Path("/var/lib/cni/results")
_DEVICE_PLUGINS = Path("/var/lib/kubelet/device-plugins")
_SHIM_SOCKETS = Path("/run/containerd/s")


def found(layout: Layout) -> list[str]:
    """One phrase for each kind of thing of ours that is on the machine."""
    present = {f"process {pid} ({name})": True for pid, name in _processes(layout)}
    present |= {f"mount {point}": True for point in mounts_below(layout.root)}
    present |= {f"cgroup {root}": root.exists() for root in cgroups.roots()}
    present[f"bridge {BRIDGE}"] = network.exists()
    present["routing rule to the instance metadata"] = network.leads_to_metadata()
    present |= {thing: True for thing in policies.found()}
    tables = network.tables()
    present |= {
        f"nftables table {' '.join(table)}": table in tables for table in (FIREWALL_TABLE, BRIDGE_TABLE, *PROXY_TABLES)
    }
    present |= {f"link {link}": True for link in _container_log_links(layout)}
    present |= {f"file {path}": True for path in _cni_results()}
    return [thing for thing, there in present.items() if there]


def end_strays(layout: Layout, recorded: Collection[int]) -> None:
    """End the node's processes that no record knows, as when the state directory was deleted; shims stay."""

    def strays() -> list[int]:
        return [pid for pid, name in _processes(layout) if name != _SHIM and pid not in recorded]

    _end(strays)


def clean(layout: Layout) -> None:
    """Remove all of it, ending our processes first; idempotent. Raises LocalError naming what stays."""
    sockets = _shim_sockets(layout)
    _end(lambda: [pid for pid, _ in _processes(layout)])
    cgroups.remove()
    for point in reversed(mounts_below(layout.root)):
        if subprocess.run(["umount", point], capture_output=True, check=False, env=ENVIRONMENT).returncode != 0:
            subprocess.run(["umount", "--lazy", point], capture_output=True, check=False, env=ENVIRONMENT)
    policies.remove()
    network.remove(layout.root / "kernel-settings.json")
    _remove_files([*sockets, *_container_log_links(layout), *_cni_results()])
    _remove_device_plugins()
    for directory in (_SHIM_SOCKETS, _CNI_RESULTS, _CONTAINER_LOG_LINKS):
        _remove_empty(directory)
        if directory is not _CONTAINER_LOG_LINKS:
            _remove_empty(directory.parent)
    if not mounts_below(layout.root):
        shutil.rmtree(layout.root, ignore_errors=True)
    if remaining := found(layout) or [f"directory {layout.root}"] * layout.root.exists():
        raise LocalError(f"Something of the node stays on this machine ({', '.join(remaining)}): remove it by hand.")


def remove_dead_sockets(layout: Layout) -> None:
    """Remove the sockets of shims that were killed, while their bundles still name them: containerd forgets them."""
    _remove_files([path for path in _bundle_sockets(layout) if not accepts(path)])


def accepts(path: Path) -> bool:
    """Whether some process listens on this socket."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def mounts_below(root: Path) -> list[str]:
    """Mount points below `root`, network namespaces among them, in the order in which they were mounted."""
    return mount_points(Path("/proc/self/mountinfo").read_text(), root)


def mount_points(mountinfo: str, root: Path) -> list[str]:
    """Mount points below `root` in the kernel's listing, where spaces and the like are octal escapes."""
    points = [
        line.split()[4].encode("latin-1").decode("unicode_escape").encode("latin-1").decode()
        for line in mountinfo.splitlines()
    ]
    return [point for point in points if Path(point).is_relative_to(root)]


def is_ours(argv: Sequence[str], layout: Layout) -> bool:
    """Whether this command line is one of the node's processes: by our path in the place where only ours have it."""
    if not argv:
        return False
    program = Path(argv[0]).name
    if program == _SHIM:
        return _option(argv, "-address") == str(layout.socket)
    if program in ("containerd", "haproxy"):
        return str(layout.config / {"containerd": "containerd.toml", "haproxy": "haproxy.cfg"}[program]) in argv
    return argv[0] in {str(layout.bin / name) for name in _COMPONENTS}


def shim_socket(argv: Sequence[str]) -> Path:
    """Where containerd 1.6 puts a shim's socket: outside every directory that it can be told to use."""
    key = "/".join(_option(argv, option) or "" for option in ("-address", "-namespace", "-id"))
    return _SHIM_SOCKETS / hashlib.sha256(key.encode()).hexdigest()


def _processes(layout: Layout) -> Iterator[tuple[int, str]]:
    for pid, argv in _command_lines():
        if is_ours(argv, layout):
            yield pid, Path(argv[0]).name


def _command_lines() -> Iterator[tuple[int, list[str]]]:
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            text = (directory / "cmdline").read_text(errors="replace")
        except OSError:
            continue
        yield int(directory.name), text.rstrip("\0").split("\0")


def _shim_sockets(layout: Layout) -> list[Path]:
    """Sockets of the shims that run, and of those that were killed: their bundles name them."""
    running = [
        shim_socket(argv) for _, argv in _command_lines() if Path(argv[0]).name == _SHIM and is_ours(argv, layout)
    ]
    return running + _bundle_sockets(layout)


def _bundle_sockets(layout: Layout) -> list[Path]:
    bundles = layout.containerd.glob("state/io.containerd.runtime.v2.task/k8s.io/*/address")
    return [Path(address.read_text().removeprefix("unix://")) for address in bundles]


def _container_log_links(layout: Layout) -> list[Path]:
    if not _CONTAINER_LOG_LINKS.is_dir():
        return []
    links = [link for link in _CONTAINER_LOG_LINKS.iterdir() if link.is_symlink()]
    return [link for link in links if link.readlink().is_relative_to(layout.root)]


def _cni_results() -> list[Path]:
    """What CNI remembers of our pods, at a fixed path: our network's entry and, of the same pod, loopback's."""
    ours = list(_CNI_RESULTS.glob(f"{BRIDGE}-*"))
    pods = [path.name.removeprefix(f"{BRIDGE}-").rpartition("-")[0] for path in ours]
    loopbacks = [_CNI_RESULTS / f"cni-loopback-{pod}-lo" for pod in pods]
    return [*(path for path in loopbacks if path.exists()), *ours]


def _remove_device_plugins() -> None:
    """The kubelet keeps these at a fixed path; another kubelet's socket answers and is left alone."""
    if not _DEVICE_PLUGINS.is_dir() or any(Path(argv[0]).name == "kubelet" for _, argv in _command_lines()):
        return
    _remove_files([_DEVICE_PLUGINS / name for name in ("kubelet.sock", "kubelet_internal_checkpoint", "DEPRECATION")])
    _remove_empty(_DEVICE_PLUGINS)
    _remove_empty(_DEVICE_PLUGINS.parent)


def _remove_files(paths: Sequence[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


def _remove_empty(directory: Path) -> None:
    if directory.is_dir() and not any(directory.iterdir()):
        directory.rmdir()


def _option(argv: Sequence[str], name: str) -> str | None:
    return next((value for option, value in pairwise(argv) if option == name), None)


def _end(pids: Callable[[], list[int]]) -> None:
    for pid in pids():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    await_condition(lambda: not pids(), what="the end of the node's processes", timeout_s=20)
