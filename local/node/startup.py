"""The start of the node's processes, in the order in which they need each other."""

import time
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from local.node import (
    addons,
    api,
    audit,
    cgroups,
    checks,
    components,
    config,
    dns,
    gpus,
    identities,
    images,
    leftovers,
    ports,
)
from local.node.addresses import CLUSTER_DOMAIN
from local.node.component import Component
from local.node.image import ProgramImage
from local.node.layout import Layout, NodeTools


def run(layout: Layout, tools: NodeTools, *, exposed: bool) -> None:
    """Start what does not run as it should; returns when the node is Ready, its DNS answers and cert-manager runs.

    `exposed`: the workloads' Services come to loopback.
    """
    log = layout.log
    credentials = identities.ensure(layout)
    pause = ProgramImage(name="pause", program=tools("pause"))
    addon_images = addons.images(tools)
    config.write_all(layout, credentials, pause_image=pause.reference, may_raise_priority=checks.may_raise_priority())
    audit.prepare(layout)
    _link_tools(layout, tools)
    client = api.admin(layout)
    storage, runtime = components.storage(layout, credentials), components.runtime(layout)
    server = components.api_server(layout, credentials, client)
    control = components.control(layout, credentials, client)
    kubelet, proxy = components.agents(layout, credentials)
    policies = components.policy_controller(layout)
    forwarders = (components.forwarder(layout),) if exposed else ()
    _refuse_taken_ports(layout, (storage, server, *control, kubelet, proxy, policies, *forwarders))

    leftovers.remove_dead_sockets(layout)
    for component in (storage, runtime):
        component.start(log)
    storage.await_ready(log)
    server.start(log)
    runtime.await_ready(log)
    for image in (pause, *addon_images.values()):
        images.store(layout, image)
    server.await_ready(log)
    for component in control:
        component.start(log)
    cgroups.make()
    since = time.time()
    fresh = kubelet.start(log)
    for component in (proxy, policies, *forwarders):
        component.start(log)
    addons.apply(layout, credentials, tools, {name: image.reference for name, image in addon_images.items()})
    for component in (*control, kubelet, proxy, policies, *forwarders):
        component.await_ready(log)
    reported = partial(_reported, client, since if fresh else 0)
    kubelet.await_ready(log, reported, what="the node's report that it is Ready")
    gpus.advertise(layout)
    kubelet.await_ready(
        log, lambda: _usable(client), what="the answer of the cluster's DNS, and cert-manager's readiness"
    )


def _link_tools(layout: Layout, tools: NodeTools) -> None:
    """The kube program is called by the name of each component."""
    layout.bin.mkdir(parents=True, exist_ok=True)
    programs = {**dict.fromkeys(components.NAMES, tools("kube")), "kube-router": tools("kube-router")}
    for name, program in programs.items():
        link = layout.bin / name
        if not link.is_symlink() or link.readlink() != program:
            link.unlink(missing_ok=True)
            link.symlink_to(program)


def _refuse_taken_ports(layout: Layout, all_components: Iterable[Component]) -> None:
    """Before anything starts: half a node helps nobody."""
    stopped = [component for component in all_components if component.process(layout.log).pid() is None]
    ports.refuse_taken(endpoint for component in stopped for endpoint in component.listens)


def _reported(client: api.Client, since: float) -> bool:
    """Whether the node says Ready, and said so after `since`: the database still holds what it said before a crash."""
    node = api.node_ready(client)
    if not node:
        return False
    heartbeat = datetime.fromisoformat(api.condition(node, "Ready")["lastHeartbeatTime"]).timestamp()
    return heartbeat >= int(since)


def _usable(client: api.Client) -> bool:
    return addons.available(client) and dns.resolves(f"kubernetes.default.svc.{CLUSTER_DOMAIN}")
