"""The start of the node's processes, in the order in which they need each other."""

import subprocess
import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

from local.errors import LocalError
from local.node import api, cgroups, checks, components, config, dns, identities, images, leftovers, ports
from local.node.addresses import CLUSTER_DOMAIN, DNS_ADDRESS
from local.node.component import ENVIRONMENT, Component
from local.node.image import ProgramImage
from local.node.layout import Layout, NodeTools

_ADDONS = Path(__file__).with_name("addons.yaml")
_DNS_DEPLOYMENT = "/apis/apps/v1/namespaces/kube-system/deployments/coredns"


def run(layout: Layout, tools: NodeTools, *, exposed: bool) -> None:
    """Start what does not run as it should; returns when the node is Ready and its DNS answers.

    `exposed`: the workloads' Services come to loopback.
    """
    log = layout.log
    credentials = identities.ensure(layout)
    pause = ProgramImage(name="pause", program=tools.pause)
    coredns = ProgramImage(name="coredns", program=tools.coredns)
    config.write_all(layout, credentials, pause_image=pause.reference, may_raise_priority=checks.may_raise_priority())
    _link_tools(layout, tools.kube)
    client = api.admin(layout)
    storage, runtime = components.storage(layout, credentials), components.runtime(layout)
    server = components.api_server(layout, credentials, client)
    control = components.control(layout, credentials, client)
    kubelet, proxy = components.agents(layout, credentials)
    forwarders = (components.forwarder(layout),) if exposed else ()
    _refuse_taken_ports(layout, (storage, server, *control, kubelet, proxy, *forwarders))

    leftovers.remove_dead_sockets(layout)
    for component in (storage, runtime):
        component.start(log)
    storage.await_ready(log)
    server.start(log)
    runtime.await_ready(log)
    for image in (pause, coredns):
        images.store(layout, image)
    server.await_ready(log)
    for component in control:
        component.start(log)
    _apply(layout, coredns.reference)
    cgroups.make()
    since = time.time()
    fresh = kubelet.start(log)
    for component in (proxy, *forwarders):
        component.start(log)
    for component in (*control, kubelet, proxy, *forwarders):
        component.await_ready(log)
    reported = partial(_reported, client, since if fresh else 0)
    kubelet.await_ready(log, reported, what="the node's report that it is Ready")
    kubelet.await_ready(log, lambda: _dns_answers(client), what="the answer of the cluster's DNS")


def _link_tools(layout: Layout, kube: Path) -> None:
    """The kube program is called by the name of each component."""
    layout.bin.mkdir(parents=True, exist_ok=True)
    for name in components.NAMES:
        link = layout.bin / name
        if not link.is_symlink() or link.readlink() != kube:
            link.unlink(missing_ok=True)
            link.symlink_to(kube)


def _refuse_taken_ports(layout: Layout, all_components: Iterable[Component]) -> None:
    """Before anything starts: half a node helps nobody."""
    stopped = [component for component in all_components if component.process(layout.log).pid() is None]
    ports.refuse_taken(endpoint for component in stopped for endpoint in component.listens)


def manifest(coredns_image: str) -> str:
    """The add-ons as YAML."""
    return Template(_ADDONS.read_text()).substitute(domain=CLUSTER_DOMAIN, address=DNS_ADDRESS, image=coredns_image)


def _apply(layout: Layout, coredns_image: str) -> None:
    command = [
        str(layout.bin / "kubectl"),
        "--kubeconfig",
        str(layout.kubeconfig),
        "--cache-dir",
        str(layout.root / "kubectl-cache"),
        "apply",
        "--filename",
        "-",
    ]
    done = subprocess.run(
        command, input=manifest(coredns_image), capture_output=True, text=True, check=False, env=ENVIRONMENT
    )
    if done.returncode != 0:
        raise LocalError(f"The cluster refused the node's add-ons: {done.stderr.strip()}")


def _reported(client: api.Client, since: float) -> bool:
    """Whether the node says Ready, and said so after `since`: the database still holds what it said before a crash."""
    node = api.node_ready(client)
    if not node:
        return False
    heartbeat = datetime.fromisoformat(api.condition(node, "Ready")["lastHeartbeatTime"]).timestamp()
    return heartbeat >= int(since)


def _dns_answers(client: api.Client) -> bool:
    deployment: dict[str, Any] | None = client.read(_DNS_DEPLOYMENT)
    available = api.condition(deployment, "Available").get("status") == "True"
    return available and dns.resolves(f"kubernetes.default.svc.{CLUSTER_DOMAIN}")
