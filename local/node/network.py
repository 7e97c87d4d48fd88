"""The node's own network: a bridge with the node's address, closed to every other interface."""

import json
from pathlib import Path

from local.node.addresses import (
    BRIDGE,
    BRIDGE_TABLE,
    ENFORCED_SET,
    FIREWALL_TABLE,
    LET_THROUGH,
    METADATA_ADDRESS,
    METADATA_PORT,
    METADATA_ROUTES,
    NODE_ADDRESS,
    POD_RANGE,
    POD_TO_NODE_PORTS,
    PROXY_TABLES,
    SERVICE_RANGE,
)
from local.node.commands import run

_KERNEL_SETTINGS = {
    "net/ipv4/ip_forward": "1",
    "net/bridge/bridge-nf-call-iptables": "1",
    "net/bridge/bridge-nf-call-ip6tables": "1",
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
_METADATA_RULE = (
    *("priority", str(METADATA_ROUTES), "iif", BRIDGE),
    *("to", METADATA_ADDRESS, "lookup", str(METADATA_ROUTES)),
)

# Linux answers on any interface for any address it holds, and forwards between all of them once asked to forward at
# all: what arrives from elsewhere for our ranges, and what pods send elsewhere, is dropped here. Of this machine itself
# pods reach only the servers that are meant for them.
#
# A pod's packets pass only while its address is in the set that kube-router keeps: a new pod's policies are in force only
# some time after it has begun to run. They say nothing of IPv6, so it does not pass at all. The set's elements outlive the
# replacement of the rules, which happens in one step.
#
# kube-router's rules forbid: without them everything passes. Whenever a pod comes or goes it replaces its whole table, and a
# connection that no rule allows was once seen to open meanwhile. So what begins a connection needs the mark of having been
# let through, after them, and a first packet of TCP needs it whatever an older connection of the same addresses makes of it.
_BEGINS_TCP = "tcp flags & (fin|syn|rst|ack) == syn"
_MARKED = f"meta mark & {LET_THROUGH:#x} == {LET_THROUGH:#x}"
_FIREWALL = f"""
table {FIREWALL_TABLE[0]} {FIREWALL_TABLE[1]} {{}}
flush table {FIREWALL_TABLE[0]} {FIREWALL_TABLE[1]}
table {BRIDGE_TABLE[0]} {BRIDGE_TABLE[1]} {{}}
flush table {BRIDGE_TABLE[0]} {BRIDGE_TABLE[1]}
table {FIREWALL_TABLE[0]} {FIREWALL_TABLE[1]} {{
  set {ENFORCED_SET} {{
    type ipv4_addr
  }}
  chain prerouting {{
    type filter hook prerouting priority raw; policy accept;
    ip daddr {{ {POD_RANGE}, {SERVICE_RANGE} }} iifname != {{ "lo", "{BRIDGE}" }} drop
  }}
  chain input {{
    type filter hook input priority filter; policy accept;
    iifname "{BRIDGE}" ct state established,related accept
    iifname "{BRIDGE}" ip saddr != @{ENFORCED_SET} drop
    iifname "{BRIDGE}" ip daddr {NODE_ADDRESS} tcp dport {{ {", ".join(map(str, POD_TO_NODE_PORTS))} }} accept
    iifname "{BRIDGE}" ip daddr {METADATA_ADDRESS} tcp dport {METADATA_PORT} accept
    iifname "{BRIDGE}" ip protocol icmp accept
    iifname "{BRIDGE}" drop
  }}
  chain forward {{
    type filter hook forward priority filter; policy accept;
    iifname "{BRIDGE}" oifname != "{BRIDGE}" drop
    oifname "{BRIDGE}" iifname != "{BRIDGE}" drop
    iifname "{BRIDGE}" meta nfproto ipv6 drop
    iifname "{BRIDGE}" ip saddr != @{ENFORCED_SET} drop
    oifname "{BRIDGE}" ip daddr != @{ENFORCED_SET} drop
  }}
  chain forward_marked {{
    type filter hook forward priority filter + 10; policy accept;
    iifname != "{BRIDGE}" accept
    {_MARKED} accept
    {_BEGINS_TCP} counter drop
    ct state established,related accept
    ip protocol icmp accept
    counter drop
  }}
}}
table {BRIDGE_TABLE[0]} {BRIDGE_TABLE[1]} {{
  chain forward_marked {{
    type filter hook forward priority filter + 300; policy accept;
    {_MARKED} accept
    ip saddr {POD_RANGE} {_BEGINS_TCP} counter drop
  }}
}}
"""


def prepare(record: Path) -> None:
    """Make bridge, address, routes, firewall and kernel settings; idempotent.

    `record` keeps the kernel settings of before.
    """
    _remember(record)
    for setting, value in _KERNEL_SETTINGS.items():
        (_SYSCTL / setting).write_text(value)
    if not exists():
        run("ip", "link", "add", BRIDGE, "type", "bridge")
    run("ip", "link", "set", BRIDGE, "up")
    run("ip", "address", "replace", f"{NODE_ADDRESS}/16", "dev", BRIDGE)
    run("ip", "route", "replace", SERVICE_RANGE, "dev", BRIDGE, "src", NODE_ADDRESS)
    _lead_to_metadata()
    run("nft", "-f", "-", stdin=_FIREWALL)


def remove(record: Path) -> None:
    """Remove what `prepare` and kube-proxy made, and put the kernel's settings back; idempotent."""
    present = tables()
    for family, name in (FIREWALL_TABLE, BRIDGE_TABLE, *PROXY_TABLES):
        if (family, name) in present:
            run("nft", "delete", "table", family, name)
    if leads_to_metadata():
        run("ip", "rule", "delete", *_METADATA_RULE)
    if exists():
        run("ip", "link", "delete", BRIDGE)
    if record.exists():
        for setting, value in json.loads(record.read_text()).items():
            if (_SYSCTL / setting).read_text().strip() != value:
                (_SYSCTL / setting).write_text(value)
        record.unlink()


def exists() -> bool:
    """Whether the bridge is there."""
    return Path(f"/sys/class/net/{BRIDGE}").exists()


def leads_to_metadata() -> bool:
    """Whether our routing rule to the instance metadata is there."""
    rules = json.loads(run("ip", "-json", "rule", "show"))
    return any(rule["priority"] == METADATA_ROUTES and rule.get("iif") == BRIDGE for rule in rules)


def tables() -> set[tuple[str, str]]:
    """Family and name of every nftables table."""
    listed = json.loads(run("nft", "--json", "list", "tables"))["nftables"]
    return {(entry["table"]["family"], entry["table"]["name"]) for entry in listed if "table" in entry}


def _lead_to_metadata() -> None:
    """For what pods send, and for nothing else, the metadata's address is one of this machine.

    It is on no interface: this machine's own requests go where they always went, to the cloud's service where there is one.
    """
    run("ip", "route", "replace", "local", METADATA_ADDRESS, "dev", BRIDGE, "table", str(METADATA_ROUTES))
    if not leads_to_metadata():
        run("ip", "rule", "add", *_METADATA_RULE)


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
