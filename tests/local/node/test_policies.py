"""What of the machine's firewall is kube-router's, whose kube-router, and what removes it."""

import json

import pytest

from local.errors import LocalError
from local.node import policies

MACHINE = """*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [3:180]
:OUTPUT ACCEPT [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A INPUT -m mark --mark 0x20000/0x20000 -j ACCEPT
COMMIT
"""
OURS = """*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [3:180]
:OUTPUT ACCEPT [0:0]
:DOCKER-USER - [0:0]
:KUBE-NWPLCY-DEFAULT - [0:0]
:KUBE-POD-FW-WGBGTX6GFGCT6M4U - [0:0]
:KUBE-ROUTER-INPUT - [0:0]
-A INPUT -m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT
-A INPUT -m comment --comment "KUBE-ROUTER rule to explicitly ACCEPT traffic" -m mark --mark 0x20000/0x20000 -j ACCEPT
-A INPUT -m mark --mark 0x20000/0x20000 -j ACCEPT
-A FORWARD -j DOCKER-USER
-A KUBE-ROUTER-INPUT -d 198.19.0.0/16 -m comment --comment "allow traffic to primary cluster IP range" -j RETURN
-A KUBE-ROUTER-INPUT -s 198.18.0.16/32 -m comment --comment "rule to jump" -j KUBE-POD-FW-WGBGTX6GFGCT6M4U
-A KUBE-POD-FW-WGBGTX6GFGCT6M4U -s 198.18.0.16/32 -j KUBE-NWPLCY-DEFAULT
COMMIT
"""
ANOTHERS = OURS.replace("198.19.0.0/16", "10.43.0.0/16")


def test_the_machines_own_rules_stay() -> None:
    """What leads into our chains goes with them; a rule that merely looks at the same mark is not ours."""
    script = policies.removal(OURS).splitlines()
    assert [line for line in script if line.startswith("-D ")] == [
        '-D INPUT -m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT',
        '-D INPUT -m comment --comment "KUBE-ROUTER rule to explicitly ACCEPT traffic" -m mark --mark 0x20000/0x20000'
        " -j ACCEPT",
    ]
    assert not any("DOCKER" in line for line in script)


def test_a_chain_is_emptied_before_any_is_deleted() -> None:
    """The kernel refuses to delete a chain that another one still leads into."""
    script = policies.removal(OURS).splitlines()
    chains = ["KUBE-NWPLCY-DEFAULT", "KUBE-POD-FW-WGBGTX6GFGCT6M4U", "KUBE-ROUTER-INPUT"]
    assert script[-7:] == [*(f"-F {chain}" for chain in chains), *(f"-X {chain}" for chain in chains), "COMMIT"]


def test_without_chains_of_ours_there_is_nothing_to_remove() -> None:
    """The machine's firewall is then not written at all."""
    assert policies.removal(MACHINE) == ""


@pytest.mark.parametrize(("saved", "other"), [(OURS, None), (MACHINE, None), (ANOTHERS, "10.43.0.0/16")])
def test_a_kube_router_is_told_by_the_range_of_its_services(saved: str, other: str | None) -> None:
    """Two clusters use the same names of chains; nobody's are ours to clean up."""
    assert policies.another(saved) == other


def test_beside_another_clusters_kube_router_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence says which cluster and what to do; its chains are neither listed as ours nor removed."""
    commands: list[str] = []

    def run(*command: str, stdin: str | None = None) -> str:
        commands.append(command[0])
        return ANOTHERS

    monkeypatch.setattr(policies, "run", run)
    with pytest.raises(LocalError, match=r"Services in 10\.43\.0\.0/16.*LOCAL_KUBECONFIG"):
        policies.refuse_another()
    assert policies.found() == []
    policies.remove()
    assert set(commands) == {"iptables-save"}


def listed(*entries: dict[str, object]) -> str:
    """The `filter` table as nft prints it as JSON, with these things in it."""
    return json.dumps({"nftables": [{"metainfo": {}}, {"table": {"family": "ip", "name": "filter"}}, *entries]})


@pytest.mark.parametrize(
    ("entry", "bare"),
    [
        ({"chain": {"name": "INPUT", "hook": "input", "policy": "accept"}}, True),
        ({"chain": {"name": "FORWARD", "hook": "forward", "policy": "drop"}}, False),
        ({"chain": {"name": "DOCKER-USER"}}, False),
        ({"rule": {"chain": "INPUT"}}, False),
        ({"set": {"name": "blocked"}}, False),
    ],
)
def test_the_table_goes_only_when_it_does_nothing(entry: dict[str, object], bare: bool) -> None:
    """Chains that accept everything are what an empty machine has."""
    assert policies.is_bare(listed(entry)) is bare
