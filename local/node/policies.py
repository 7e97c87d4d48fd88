"""What kube-router leaves in the machine's own firewall: recognised by its names and our addresses, removed by name.

It writes through `iptables`, which on Debian speaks to nftables unless somebody chose the legacy backend, and into `filter`,
the table of the machine's own rules: these stay, and so does everything of another kube-router.
"""

import json
import re
from collections.abc import Iterator

from local.errors import LocalError
from local.node import network
from local.node.addresses import SERVICE_RANGE
from local.node.commands import run

_CHAINS = ("KUBE-ROUTER-", "KUBE-POD-FW-", "KUBE-NWPLCY-")
_SETS = ("KUBE-SRC-", "KUBE-DST-")
_OF_OURS = re.compile(rf"-j ({'|'.join(_CHAINS)})|--comment \"KUBE-ROUTER rule ")
"""A rule in a chain of the machine that leads into one of ours, or accepts what ours have marked."""
_SERVES = re.compile(r"^-A KUBE-ROUTER-INPUT -d (\S+) .*-j RETURN$", re.MULTILINE)
"""The first rule that kube-router writes; it holds the range of the cluster's Services."""
_NFT_TABLE = ("ip", "filter")


def refuse_another() -> None:
    """Raise LocalError where another cluster's kube-router writes rules: the two would delete each other's."""
    if other := another(_saved()):
        raise LocalError(
            f"A kube-router of another cluster (Services in {other}) runs on this machine, k3s for one: stop that cluster,"
            " or use it with LOCAL_KUBECONFIG."
        )


def another(saved: str) -> str | None:
    """The Services' range of another cluster whose rules are in this output of iptables-save."""
    ranges: list[str] = _SERVES.findall(saved)
    return ranges[0] if ranges and SERVICE_RANGE not in ranges else None


def found() -> list[str]:
    """One phrase for each chain and set of ours."""
    saved = _saved()
    if another(saved):
        return []
    return [*(f"iptables chain {chain}" for chain in chains(saved)), *(f"ipset {name}" for name in _sets())]


def remove() -> None:
    """Remove all of it, and the table where nothing else is in it; idempotent."""
    saved = _saved()
    if another(saved):
        return
    if script := removal(saved):
        run("iptables-restore", "--noflush", stdin=script)
        if _NFT_TABLE in network.tables() and is_bare(run("nft", "--json", "list", "table", *_NFT_TABLE)):
            run("nft", "delete", "table", *_NFT_TABLE)
    for name in _sets():
        run("ipset", "destroy", name)


def chains(saved: str) -> list[str]:
    """The chains of ours in an output of iptables-save."""
    declared = [line[1:].split()[0] for line in saved.splitlines() if line.startswith(":")]
    return [chain for chain in declared if chain.startswith(_CHAINS)]


def removal(saved: str) -> str:
    """What iptables-restore has to read for our chains to go, and for the machine's to lead there no more; empty for none."""
    ours = chains(saved)
    if not ours:
        return ""
    commands = [*_deletions(saved), *(f"-F {chain}" for chain in ours), *(f"-X {chain}" for chain in ours)]
    return "\n".join(["*filter", *commands, "COMMIT", ""])


def is_bare(listed: str) -> bool:
    """Whether a table that nft lists as JSON holds nothing but chains that accept everything, which is the same as no table."""
    kinds = [entry for entry in json.loads(listed)["nftables"] if not {"metainfo", "table"} & set(entry)]
    return all("chain" in entry and entry["chain"].get("policy") == "accept" for entry in kinds)


def _deletions(saved: str) -> Iterator[str]:
    for line in saved.splitlines():
        if line.startswith("-A ") and not line[3:].startswith(_CHAINS) and _OF_OURS.search(line):
            yield f"-D{line[2:]}"


def _saved() -> str:
    return run("iptables-save", "--table", "filter")


def _sets() -> list[str]:
    return [name for name in run("ipset", "list", "--name").split() if name.startswith(_SETS)]
