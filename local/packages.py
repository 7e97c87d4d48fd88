"""Debian packages that the local stack runs on, installed where they are missing."""

import os
import shutil
import subprocess
from collections.abc import Iterable

from local.errors import LocalError
from local.phases import Say

NODE = ("containerd", "runc", "containernetworking-plugins", "nftables", "iptables", "ipset", "haproxy", "iproute2")


def ensure(packages: Iterable[str], say: Say) -> None:
    """Install those of `packages` that are missing; raises LocalError with the command where this process may not."""
    missing = [package for package in packages if not _installed(package)]
    if not missing:
        return
    command = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise LocalError(
            f"Packages are missing ({', '.join(missing)}): run `{command}` as root on Debian 12, then this again."
        )
    say(f"installing {', '.join(missing)}")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
        # A service that a package would start is not wanted: the stack starts its own containerd and haproxy.
        result = subprocess.run(
            ["apt-get", *arguments], env=environment | {"RUNLEVEL": "1"}, capture_output=True, text=True
        )
        if result.returncode != 0:
            last = (result.stderr.strip().splitlines() or ["it printed nothing"])[-1]
            raise LocalError(
                f"`apt-get {arguments[0]}` failed ({last}): mend that, or run `{command}` yourself, then this again."
            )


def _installed(package: str) -> bool:
    result = subprocess.run(["dpkg-query", "-W", "-f", "${Status}", package], capture_output=True, text=True)
    return result.stdout == "install ok installed"
