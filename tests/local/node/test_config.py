"""Rendered configuration and the processes' command lines."""

import base64
import ipaddress
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.node import addresses, config, identities
from local.node.api import admin
from local.node.components import agents, api_server, control, forwarder, policy_controller, runtime, storage
from local.node.identities import Credentials
from local.node.layout import Layout


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path)


@pytest.fixture
def credentials(layout: Layout) -> Credentials:
    made = identities.ensure(layout)
    config.write_all(layout, made, pause_image="localhost/pause:1", may_raise_priority=False)
    return made


def test_pods_have_no_way_out(layout: Layout) -> None:
    """Without a default route and without masquerading, pods reach pods and Services; the metadata are for policies to refuse."""
    bridge = config.cni(layout)["plugins"][0]
    assert bridge["ipMasq"] is False
    assert bridge["ipam"]["routes"] == [{"dst": "198.19.0.0/16"}, {"dst": "169.254.169.254/32"}]
    assert not bridge.get("isDefaultGateway")


def test_pods_never_get_the_nodes_address(layout: Layout) -> None:
    """The range that pods are given addresses from starts after the node's own."""
    ((entry,),) = config.cni(layout)["plugins"][0]["ipam"]["ranges"]
    assert ipaddress.IPv4Address(entry["rangeStart"]) > ipaddress.IPv4Address(addresses.NODE_ADDRESS)
    assert ipaddress.ip_address(entry["rangeStart"]) in ipaddress.ip_network(entry["subnet"])


def test_the_kubelet_asks_who_calls(layout: Layout, credentials: Credentials) -> None:
    """No anonymous access, no read-only port, every call authorised by the API server."""
    kubelet = config.kubelet(layout, credentials)
    assert kubelet["authentication"]["anonymous"] == {"enabled": False}
    assert kubelet["authorization"] == {"mode": "Webhook"}
    assert kubelet["readOnlyPort"] == 0


def test_a_renewed_certificate_reaches_its_pods_within_seconds(layout: Layout, credentials: Credentials) -> None:
    """The kubelet looks after a pod's volumes as often as it synchronises the pod; every minute, if nobody says otherwise."""
    assert config.kubelet(layout, credentials)["syncFrequency"] == "10s"


def test_the_node_says_that_it_has_gpus(layout: Layout, credentials: Credentials) -> None:
    """By the label that pods select which ask for one; it is in the pool of the system all the same."""
    kubelet, _ = agents(layout, credentials)
    assert "--node-labels=inference/node-pool=system,nvidia.com/gpu.present=true" in kubelet.command


@pytest.mark.parametrize(("may", "restricted"), [(True, "false"), (False, "true")])
def test_oom_scores_are_restricted_only_where_they_must_be(layout: Layout, may: bool, restricted: str) -> None:
    """Without CAP_SYS_RESOURCE no sandbox would start."""
    text = config.containerd(layout, pause_image="localhost/pause:1", may_raise_priority=may)
    assert f"restrict_oom_score_adj = {restricted}" in text


def test_secrets_are_encrypted_with_a_key_that_stays(layout: Layout, credentials: Credentials) -> None:
    """The key has 32 bytes, is readable by its owner alone, and survives the next start."""
    path = layout.config / "encryption.yaml"
    before = path.read_text()
    config.write_all(layout, credentials, pause_image="localhost/pause:1", may_raise_priority=False)
    (provider,) = yaml.safe_load(before)["resources"][0]["providers"]
    assert path.read_text() == before
    assert len(base64.b64decode(provider["secretbox"]["keys"][0]["secret"])) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_forward_leads_to_its_service_by_name() -> None:
    """Each port on loopback has one server, found through the cluster's DNS."""
    text = config.haproxy(addresses.FORWARDS)
    for port, target in {
        18080: "gateway.gateway.svc.cluster.local:8443",
        18081: "fastapi-svc.inference.svc.cluster.local:8080",
        18000: "triton.inference.svc.cluster.local:8000",
        18001: "triton.inference.svc.cluster.local:8001",
    }.items():
        assert f"bind 127.0.0.1:{port}\n  server service {target} resolvers cluster" in text


def test_the_way_to_the_gateway_is_encrypted_as_by_a_load_balancer() -> None:
    """haproxy speaks TLS to the one Service that does, and verifies no certificate; the others get plain TCP."""
    servers = [line.strip() for line in config.haproxy(addresses.FORWARDS).splitlines() if " server service " in line]
    encrypted = [line for line in servers if " ssl verify none" in line]
    assert len(servers) == len(addresses.FORWARDS)
    assert len(encrypted) == 1
    assert "gateway.gateway.svc.cluster.local" in encrypted[0]
    assert encrypted[0].endswith("ssl-min-ver TLSv1.2")


def test_node_ports_open_on_the_nodes_own_address_only(layout: Layout) -> None:
    """Neither loopback nor an address that others reach gets them."""
    assert config.proxy(layout)["nodePortAddresses"] == ["198.18.0.1/32"]


def test_kubeconfigs_verify_the_server_and_are_private(layout: Layout, credentials: Credentials) -> None:
    """Each holds the authority's certificate, no token, and only its owner may read it."""
    for path in (layout.kubeconfig, *layout.config.glob("*.kubeconfig")):
        document = yaml.safe_load(path.read_text())
        cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
        assert base64.b64decode(cluster["certificate-authority-data"]) == credentials.authority.certificate.read_bytes()
        assert cluster["server"] == "https://198.18.0.1:6443"
        assert set(user) == {"client-certificate-data", "client-key-data"}
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def all_components(layout: Layout, credentials: Credentials) -> list[Any]:
    client = admin(layout)
    return [
        storage(layout, credentials),
        runtime(layout),
        api_server(layout, credentials, client),
        *control(layout, credentials, client),
        *agents(layout, credentials),
        policy_controller(layout),
        forwarder(layout),
    ]


def test_everything_listens_on_loopback_or_the_nodes_own_address(layout: Layout, credentials: Credentials) -> None:
    """Nothing is offered to the network that the machine is in; no two processes want one port."""
    endpoints = [endpoint for part in all_components(layout, credentials) for endpoint in part.listens]
    assert {endpoint.address for endpoint in endpoints} == {"127.0.0.1", "198.18.0.1"}
    assert len(set(endpoints)) == len(endpoints)


def test_the_api_server_admits_only_who_is_known(layout: Layout, credentials: Credentials) -> None:
    """Node and RBAC authorisation, NodeRestriction, no anonymous calls, TLS both ways to etcd and to the kubelet."""
    command = api_server(layout, credentials, admin(layout)).command
    assert "--anonymous-auth=false" in command
    assert "--authorization-mode=Node,RBAC" in command
    assert "--enable-admission-plugins=NodeRestriction" in command
    assert f"--kubelet-certificate-authority={credentials.authority.certificate}" in command
    assert f"--etcd-cafile={credentials.etcd_authority.certificate}" in command


def test_servers_behind_the_api_server_believe_it_alone(layout: Layout, credentials: Credentials) -> None:
    """Who asks is said by the front proxy, whose authority signs nothing else: no client certificate of the cluster fits."""
    command = api_server(layout, credentials, admin(layout)).command
    authority = credentials.front_proxy_authority.certificate
    assert f"--requestheader-client-ca-file={authority}" in command
    assert "--requestheader-allowed-names=front-proxy-client" in command
    assert f"--proxy-client-cert-file={credentials.certificate(identities.FRONT_PROXY)}" in command
    assert authority.read_bytes() != credentials.authority.certificate.read_bytes()


def test_kube_router_has_no_right_but_the_firewalls(layout: Layout, credentials: Credentials) -> None:
    """It gives up the others before it starts, and reads the cluster with a certificate of its own."""
    command = [str(part) for part in policy_controller(layout).command]
    before_it = command[1 : command.index(str(layout.bin / "kube-router"))]
    assert Path(command[0]).name == "setpriv"
    assert before_it == ["--bounding-set=-all,+net_admin,+net_raw", "--inh-caps=-all", "--no-new-privs"]
    assert f"--kubeconfig={layout.config / 'kube-router.kubeconfig'}" in command


def test_a_component_starts_anew_when_a_file_it_reads_changes(layout: Layout, credentials: Credentials) -> None:
    """A renewed certificate is a changed file; an untouched one leaves the process alone."""
    layout.bin.mkdir()
    (layout.bin / "kube-apiserver").write_text("program")
    server = api_server(layout, credentials, admin(layout))
    before = server.fingerprint()
    assert server.fingerprint() == before
    credentials.certificate(identities.API_SERVER_IDENTITY).write_text("renewed")
    assert server.fingerprint() != before
