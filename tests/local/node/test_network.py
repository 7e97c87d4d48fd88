"""The node's network, made and removed by the kernel in a network namespace of the test's own."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from local.node.component import ENVIRONMENT
from local.paths import REPO

PROGRAMS = ("unshare", "nsenter", "ip", "nft", "iptables-save", "ipset")
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not all(shutil.which(program, path=ENVIRONMENT["PATH"]) for program in PROGRAMS),
    reason="needs root, and the packages of the node",
)

_SEEN_BY = """
import json, sys
from pathlib import Path
from local.node import leftovers, network, policies
from local.node.commands import run
from local.node.layout import Layout

layout = Layout(Path(sys.argv[1]))
record = layout.root / "kernel-settings.json"
seen = {}

def look(name):
    rules = [line for line in run("iptables-save").splitlines() if not line.startswith("#")]
    seen[name] = {
        "tables": run("nft", "list", "tables"), "iptables": rules, "sets": run("ipset", "list", "--name"),
        "links": run("ip", "-oneline", "link").count("inference0"), "rules": run("ip", "rule"),
        "routes": run("ip", "route", "show", "table", "all"), "found": policies.found(),
        "host": run("ip", "route", "get", "169.254.169.254"),
    }
"""


def observe(directory: Path, steps: str) -> dict[str, Any]:
    """What `look(name)` saw in each of the steps, which run as Python in a machine with a loopback and a way out only."""
    program = f"{_SEEN_BY}\n{steps}\nprint(json.dumps(seen))"
    setup = (
        "mount -t sysfs sysfs /sys && ip link set lo up && ip link add way-out type veth peer name away &&"
        # Without addresses of IPv6, which the kernel would add at some later moment, between two looks.
        " ip link set way-out addrgenmode none && ip link set away addrgenmode none &&"
        " ip address add 192.0.2.2/24 dev way-out && ip link set way-out up && ip link set away up &&"
        ' ip route add default via 192.0.2.1 && exec "$@"'
    )
    command = ["unshare", "--net", "--mount", "sh", "-c", setup, "sh", sys.executable, "-c", program, str(directory)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPO, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


_KUBE_ROUTER = """
run("iptables-restore", "--noflush", stdin='''*filter
:KUBE-ROUTER-INPUT - [0:0]
:KUBE-POD-FW-A - [0:0]
-I INPUT -m comment --comment "kube-router netpol - 4IA2OSFRMVNDXBVV" -j KUBE-ROUTER-INPUT
-A INPUT -m comment --comment "KUBE-ROUTER rule to ACCEPT" -m mark --mark 0x20000/0x20000 -j ACCEPT
-A KUBE-ROUTER-INPUT -d 198.19.0.0/16 -m comment --comment "Services" -j RETURN
-A KUBE-ROUTER-INPUT -s 198.18.0.16/32 -m set --match-set KUBE-SRC-A src -j KUBE-POD-FW-A
COMMIT
''')
"""


def test_nothing_of_the_network_stays(tmp_path: Path) -> None:
    """Bridge, addresses, routes, tables, chains and sets are as before, also when made and removed twice."""
    seen = observe(
        tmp_path,
        f"""
look("before")
for _ in range(2):
    network.prepare(record)
    run("ipset", "create", "KUBE-SRC-A", "hash:ip")
    {_KUBE_ROUTER.strip()}
    look("running")
    for _ in range(2):
        policies.remove()
        network.remove(record)
look("after")
""",
    )
    assert seen["after"] == seen["before"]
    assert set(seen["running"]["found"]) == {
        "iptables chain KUBE-ROUTER-INPUT",
        "iptables chain KUBE-POD-FW-A",
        "ipset KUBE-SRC-A",
    }


def test_what_the_machine_had_stays_as_it_was(tmp_path: Path) -> None:
    """Its own rules in the same table, its own sets, its own tables."""
    seen = observe(
        tmp_path,
        f"""
run("ipset", "create", "theirs", "hash:ip")
run("iptables", "--append", "FORWARD", "--source", "10.9.0.0/16", "--jump", "DROP")
run("nft", "add", "table", "inet", "theirs")
look("before")
network.prepare(record)
run("ipset", "create", "KUBE-SRC-A", "hash:ip")
{_KUBE_ROUTER.strip()}
policies.remove()
network.remove(record)
look("after")
""",
    )
    assert seen["after"] == seen["before"]
    assert any("10.9.0.0/16" in rule for rule in seen["after"]["iptables"])


def test_pods_that_run_keep_their_network_while_the_rules_are_written_again(tmp_path: Path) -> None:
    """A second start replaces the rules and keeps the addresses of the pods whose policies are in force."""
    seen = observe(
        tmp_path,
        """
network.prepare(record)
run("nft", "add", "element", "inet", "inference-node", "enforced", "{ 198.18.0.16 }")
seen["first"] = run("nft", "list", "ruleset")
network.prepare(record)
seen["second"] = run("nft", "list", "ruleset")
""",
    )
    assert "elements = { 198.18.0.16 }" in seen["second"]
    assert seen["second"] == seen["first"]


def test_the_machines_own_way_to_its_metadata_is_left_alone(tmp_path: Path) -> None:
    """Only what comes from the bridge is answered here: on a cloud machine the service there is that machine's."""
    seen = observe(
        tmp_path,
        """
look("before")
network.prepare(record)
look("running")
seen["from a pod"] = run("ip", "route", "get", "169.254.169.254", "from", "198.18.0.16", "iif", "inference0")
""",
    )
    assert "dev way-out" in seen["before"]["host"]
    assert seen["running"]["host"] == seen["before"]["host"]
    assert seen["from a pod"].startswith("local 169.254.169.254")


_TWO_PODS = """
import socket, subprocess, sys
network.prepare(record)
run("nft", "add", "element", "inet", "inference-node", "enforced", "{ 198.18.0.16, 198.18.0.17 }")
pods = []
for name, address in (("one", "198.18.0.16"), ("two", "198.18.0.17")):
    pod = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo && read _"], stdin=-1, stdout=-1, text=True)
    pod.stdout.readline()  # it is in its own network by now
    pods.append(pod)
    run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", str(pod.pid))
    run("ip", "link", "set", name, "up", "master", "inference0")
    inside = ("nsenter", "--net", "--target", str(pod.pid))
    run(*inside, "ip", "address", "add", address + "/16", "dev", "eth0")
    run(*inside, "ip", "link", "set", "eth0", "up")
    run(*inside, "ip", "route", "add", "default", "via", "198.18.0.1")
one, two = (("nsenter", "--net", "--target", str(pod.pid), sys.executable, "-c") for pod in pods)
listens = "import socket; s = socket.create_server(('', 9000)); print(flush=True)\\nwhile True: s.accept()"
server = subprocess.Popen([*two, listens], stdout=-1)
server.stdout.readline()
connects = "import socket; socket.create_connection(('%s', 9000), 1)"

def reached(address="198.18.0.17"):
    return subprocess.run([*one, connects % address], stderr=subprocess.DEVNULL).returncode == 0
"""
_ENDED = """
for process in (server, *pods):
    process.kill()
    process.wait()
"""


def test_a_connection_needs_the_mark_of_having_been_let_through(tmp_path: Path) -> None:
    """Where kube-router's rules are missing nothing passes between pods, whichever way its packets take."""
    seen = observe(
        tmp_path,
        f"""
{_TWO_PODS}
run("iptables", "--table", "nat", "--append", "PREROUTING", "--destination", "198.19.0.7", "--jump", "DNAT",
    "--to-destination", "198.18.0.17")
seen["without rules"] = [reached(), reached("198.19.0.7")]
run("iptables", "--append", "FORWARD", "--jump", "MARK", "--set-xmark", "0x20000/0x20000")
seen["let through"] = [reached(), reached("198.19.0.7")]
{_ENDED}
""",
    )
    assert seen == {"without rules": [False, False], "let through": [True, True]}


def test_a_connection_needs_the_mark_also_where_the_kernel_asks_no_rules_of_ip(tmp_path: Path) -> None:
    """Between two pods these are asked only by way of br_netfilter."""
    seen = observe(
        tmp_path,
        f"""
{_TWO_PODS}
run("iptables", "--append", "FORWARD", "--jump", "MARK", "--set-xmark", "0x20000/0x20000")
seen["asked"] = reached()
run("sysctl", "--write", "net.bridge.bridge-nf-call-iptables=0")
seen["not asked"] = reached()
{_ENDED}
""",
    )
    assert seen == {"asked": True, "not asked": False}
