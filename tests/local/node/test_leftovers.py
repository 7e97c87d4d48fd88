"""What is recognised as the node's own."""

import hashlib
import socket
from pathlib import Path

import pytest

from local.node import cgroups, leftovers
from local.node.layout import Layout

LAYOUT = Layout(Path("/state"))
SOCKET = "/state/node/containerd/containerd.sock"
SHIM = ["/usr/bin/containerd-shim-runc-v2", "-namespace", "k8s.io", "-id", "abc", "-address", SOCKET]


@pytest.mark.parametrize(
    "argv",
    [
        SHIM,
        ["/usr/bin/containerd", "--config", "/state/node/config/containerd.toml"],
        ["/usr/sbin/haproxy", "-db", "-f", "/state/node/config/haproxy.cfg"],
        ["/state/node/bin/kubelet", "--config=/state/node/config/kubelet.yaml"],
        ["/state/node/bin/kube-router", "--node=inference"],
    ],
)
def test_our_processes_are_recognised(argv: list[str]) -> None:
    """By our own path in the place where it says what the process serves."""
    assert leftovers.is_ours(argv, LAYOUT)


@pytest.mark.parametrize(
    "argv",
    [
        [*SHIM[:-1], "/run/containerd/containerd.sock"],
        ["/usr/bin/containerd"],
        ["/usr/bin/containerd", "--config", "/etc/containerd/config.toml"],
        ["/usr/sbin/haproxy", "-f", "/etc/haproxy/haproxy.cfg"],
        ["/usr/bin/kubelet", "--root-dir=/state/node/kubelet"],
        ["/usr/local/bin/kube-router", "--run-firewall=true"],
        ["/state/node/bin/kubectl", "get", "pods"],
        ["tail", "-f", "/state/node/config/haproxy.cfg"],
        [""],
        [],
    ],
)
def test_others_processes_are_not(argv: list[str]) -> None:
    """Neither another runtime's, nor a program that merely looks at our files."""
    assert not leftovers.is_ours(argv, LAYOUT)


def test_a_shims_socket_is_found_from_its_command_line() -> None:
    """containerd names it after the hash of its own socket, the namespace and the sandbox."""
    digest = hashlib.sha256(f"{SOCKET}/k8s.io/abc".encode()).hexdigest()
    assert leftovers.shim_socket(SHIM) == Path("/run/containerd/s") / digest


def test_only_mounts_below_our_directory_are_listed() -> None:
    """A neighbour whose name begins like ours is not below it; escaped characters are read."""
    mountinfo = (
        "30 1 254:0 / / rw - ext4 /dev/vda rw\n"
        "40 30 0:40 / /state/node/kubelet rw - ext4 /dev/vda rw\n"
        "41 30 0:41 / /state/node-of-another rw - tmpfs tmpfs rw\n"
        "42 40 0:42 / /state/node/kubelet/a\\040b rw shared:1 - tmpfs tmpfs rw\n"
    )
    assert leftovers.mount_points(mountinfo, Path("/state/node")) == ["/state/node/kubelet", "/state/node/kubelet/a b"]


def test_cgroups_of_both_versions_are_ours_to_look_at() -> None:
    """Version 1 has many hierarchies and perhaps a unified one, version 2 has one."""
    mountinfo = (
        "30 1 0:30 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
        "31 30 0:31 / /sys/fs/cgroup/memory rw shared:5 - cgroup cgroup rw,memory\n"
        "32 30 0:32 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
    )
    assert cgroups.hierarchies(mountinfo) == [Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup/unified")]


def test_only_sockets_of_killed_shims_are_removed(tmp_path: Path) -> None:
    """A shim that still answers keeps its socket: its pod runs on."""
    layout = Layout(tmp_path)
    sockets = {name: tmp_path / f"{name}.sock" for name in ("dead", "alive")}
    for name, path in sockets.items():
        bundle = layout.containerd / "state/io.containerd.runtime.v2.task/k8s.io" / name
        bundle.mkdir(parents=True)
        (bundle / "address").write_text(f"unix://{path}")
    with socket.socket(socket.AF_UNIX) as dead, socket.socket(socket.AF_UNIX) as alive:
        dead.bind(str(sockets["dead"]))
        alive.bind(str(sockets["alive"]))
        alive.listen()
        leftovers.remove_dead_sockets(layout)
        assert (sockets["dead"].exists(), sockets["alive"].exists()) == (False, True)
