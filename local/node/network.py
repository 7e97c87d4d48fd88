"""The node's own network: a bridge with the node's address, closed to every other interface."""

import json
import subprocess
from pathlib import Path

from local.errors import LocalError
from local.node.addresses import (
    BRIDGE,
    FIREWALL_TABLE,
    NODE_ADDRESS,
    POD_RANGE,
    POD_TO_NODE_PORTS,
    PROXY_TABLES,
    SERVICE_RANGE,
)
from local.node.component import ENVIRONMENT

_KERNEL_SETTINGS = {
    "net/ipv4/ip_forward": "1",
    "net/bridge/bridge-nf-call-iptables": "1",
}
# The kubelet sets these by itself; they are listed to be put back.
_KUBELET_SETTINGS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
_SYSCTL = Path("/proc/sys")

# Linux answers on any interface for any address it holds, and forwards between all of them once asked to forward at
# all: what arrives from elsewhere for our ranges, and what pods send elsewhere, is dropped here. Of this machine itself
# pods reach only the servers that are meant for them. Replaced as a whole, in one step.
_FIREWALL = f"""
table {FIREWALL_TABLE[0]} {FIREWALL_TABLE[1]} {{}}
delete table {FIREWALL_TABLE[0]} {FIREWALL_TABLE[1]}
table {FIREWALL_TABLE[0]} {FIREWALL_TABLE[1]} {{
  chain prerouting {{
    type filter hook prerouting priority raw; policy accept;
    ip daddr {{ {POD_RANGE}, {SERVICE_RANGE} }} iifname != {{ "lo", "{BRIDGE}" }} drop
  }}
  chain input {{
    type filter hook input priority filter; policy accept;
    iifname "{BRIDGE}" ct state established,related accept
    iifname "{BRIDGE}" ip daddr {NODE_ADDRESS} tcp dport {{ {", ".join(map(str, POD_TO_NODE_PORTS))} }} accept
    iifname "{BRIDGE}" meta l4proto {{ icmp, ipv6-icmp }} accept
    iifname "{BRIDGE}" drop
  }}
  chain forward {{
    type filter hook forward priority filter; policy accept;
    iifname "{BRIDGE}" oifname != "{BRIDGE}" drop
    oifname "{BRIDGE}" iifname != "{BRIDGE}" drop
  }}
}}
"""


def prepare(record: Path) -> None:
    """Make bridge, address, Service route, firewall and kernel settings; idempotent.

    `record` keeps the kernel settings of before.
    """
    _remember(record)
    for setting, value in _KERNEL_SETTINGS.items():
        (_SYSCTL / setting).write_text(value)
    if not exists():
        _run("ip", "link", "add", BRIDGE, "type", "bridge")
    _run("ip", "link", "set", BRIDGE, "up")
    _run("ip", "address", "replace", f"{NODE_ADDRESS}/16", "dev", BRIDGE)
    _run("ip", "route", "replace", SERVICE_RANGE, "dev", BRIDGE, "src", NODE_ADDRESS)
    _run("nft", "-f", "-", stdin=_FIREWALL)


def remove(record: Path) -> None:
    """Remove what `prepare` and kube-proxy made, and put the kernel's settings back; idempotent."""
    present = tables()
    for family, name in (FIREWALL_TABLE, *PROXY_TABLES):
        if (family, name) in present:
            _run("nft", "delete", "table", family, name)
    if exists():
        _run("ip", "link", "delete", BRIDGE)
    if record.exists():
        for setting, value in json.loads(record.read_text()).items():
            if (_SYSCTL / setting).read_text().strip() != value:
                (_SYSCTL / setting).write_text(value)
        record.unlink()


def exists() -> bool:
    """Whether the bridge is there."""
    return Path(f"/sys/class/net/{BRIDGE}").exists()


def tables() -> set[tuple[str, str]]:
    """Family and name of every nftables table."""
    listed = json.loads(_run("nft", "--json", "list", "tables"))["nftables"]
    return {(entry["table"]["family"], entry["table"]["name"]) for entry in listed if "table" in entry}


def _remember(record: Path) -> None:
    if record.exists():
        return
    before = {
        setting: (_SYSCTL / setting).read_text().strip()
        for setting in (*_KERNEL_SETTINGS, *_KUBELET_SETTINGS)
        if (_SYSCTL / setting).exists()
    }
    record.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = record.with_suffix(".new")
    aside.write_text(json.dumps(before))
    aside.replace(record)


def _run(*command: str, stdin: str | None = None) -> str:
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, env=ENVIRONMENT)
    if done.returncode != 0:
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise LocalError(f"`{' '.join(command)}` failed ({reason}): the kernel must support bridges and nftables.")
    return done.stdout
