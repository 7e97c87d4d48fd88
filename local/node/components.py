"""The node's processes, in the order in which they start."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from local.node import api, identities, leftovers, ports
from local.node.addresses import (
    API_SERVER,
    CONTROLLER_MANAGER,
    ENFORCED_SET,
    ETCD_CLIENT,
    ETCD_PEER,
    FIREWALL_TABLE,
    FORWARDS,
    KUBELET,
    KUBELET_HEALTH,
    LOOPBACK,
    NODE_ADDRESS,
    NODE_NAME,
    POD_RANGE,
    POLICY_HEALTH,
    PROXY_HEALTH,
    PROXY_METRICS,
    SCHEDULER,
    SERVICE_RANGE,
)
from local.node.component import ENVIRONMENT, Component
from local.node.config import GPU_LABEL, POOL_LABEL
from local.node.identities import Credentials, kubeconfig_path
from local.node.layout import Layout
from local.node.pki import Identity

NAMES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl")
"""What the `kube` program answers to."""
_FIREWALL_ONLY = ("--bounding-set=-all,+net_admin,+net_raw", "--inh-caps=-all", "--no-new-privs")
"""For setpriv: of root's rights, those to the firewall."""

Flags = Mapping[str, str | int | Path]


def storage(layout: Layout, credentials: Credentials) -> Component:
    """etcd, reachable with a certificate of its own authority only."""
    client = api.Client(
        authority=credentials.etcd_authority.certificate,
        certificate=credentials.certificate(identities.ETCD_CLIENT),
        key=credentials.key(identities.ETCD_CLIENT),
    )
    authority = credentials.etcd_authority.certificate
    certificate, key = credentials.certificate(identities.ETCD), credentials.key(identities.ETCD)
    client_url, peer_url = f"https://{ETCD_CLIENT}", f"https://{ETCD_PEER}"
    return Component(
        name="etcd",
        command=(
            layout.bin / "etcd",
            "--name=local",
            f"--data-dir={layout.root / 'etcd'}",
            f"--listen-client-urls={client_url}",
            f"--advertise-client-urls={client_url}",
            f"--listen-peer-urls={peer_url}",
            f"--initial-advertise-peer-urls={peer_url}",
            f"--initial-cluster=local={peer_url}",
            "--client-cert-auth",
            f"--trusted-ca-file={authority}",
            f"--cert-file={certificate}",
            f"--key-file={key}",
            "--peer-client-cert-auth",
            f"--peer-trusted-ca-file={authority}",
            f"--peer-cert-file={certificate}",
            f"--peer-key-file={key}",
            "--log-level=warn",
        ),
        reads=(authority, certificate, key),
        listens=(ETCD_CLIENT, ETCD_PEER),
        ready=lambda: client.ok(ETCD_CLIENT, "/readyz"),
    )


def runtime(layout: Layout) -> Component:
    """containerd."""
    return Component(
        name="containerd",
        command=(_installed("containerd"), "--config", layout.config / "containerd.toml"),
        reads=(layout.config / "containerd.toml",),
        ready=lambda: leftovers.accepts(layout.socket),
    )


def api_server(layout: Layout, credentials: Credentials, client: api.Client) -> Component:
    """kube-apiserver."""
    certificate, key = credentials.certificate, credentials.key
    config = layout.config
    flags: Flags = {
        "bind-address": NODE_ADDRESS,
        "advertise-address": NODE_ADDRESS,
        "secure-port": API_SERVER.port,
        "cert-dir": layout.pki,
        "tls-cert-file": certificate(identities.API_SERVER_IDENTITY),
        "tls-private-key-file": key(identities.API_SERVER_IDENTITY),
        "tls-min-version": "VersionTLS12",
        "client-ca-file": credentials.authority.certificate,
        "anonymous-auth": "false",
        "authorization-mode": "Node,RBAC",
        "enable-admission-plugins": "NodeRestriction",
        "allow-privileged": "true",  # as on EKS: what keeps pods from it is admission
        "profiling": "false",
        "etcd-servers": f"https://{ETCD_CLIENT}",
        "etcd-cafile": credentials.etcd_authority.certificate,
        "etcd-certfile": certificate(identities.ETCD_CLIENT),
        "etcd-keyfile": key(identities.ETCD_CLIENT),
        "encryption-provider-config": config / "encryption.yaml",
        "kubelet-certificate-authority": credentials.authority.certificate,
        "kubelet-client-certificate": certificate(identities.API_SERVER_TO_KUBELET),
        "kubelet-client-key": key(identities.API_SERVER_TO_KUBELET),
        "kubelet-preferred-address-types": "InternalIP",
        "service-cluster-ip-range": SERVICE_RANGE,
        "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
        "service-account-key-file": credentials.token_public_key,
        "service-account-signing-key-file": credentials.token_private_key,
        # The aggregation layer: metrics-server answers through this API server, which tells it who asks.
        "requestheader-client-ca-file": credentials.front_proxy_authority.certificate,
        "requestheader-allowed-names": identities.FRONT_PROXY.common_name,
        "requestheader-username-headers": "X-Remote-User",
        "requestheader-group-headers": "X-Remote-Group",
        "requestheader-extra-headers-prefix": "X-Remote-Extra-",
        "proxy-client-cert-file": certificate(identities.FRONT_PROXY),
        "proxy-client-key-file": key(identities.FRONT_PROXY),
        "audit-policy-file": config / "audit.yaml",
        "audit-log-path": layout.audit_log,
        "audit-log-maxsize": 50,
        "audit-log-maxbackup": 3,
    }
    return Component(
        name="kube-apiserver",
        command=(layout.bin / "kube-apiserver", *_flags(flags)),
        reads=_existing(flags),
        listens=(API_SERVER,),
        ready=lambda: client.ok(API_SERVER, "/readyz"),
    )


def control(layout: Layout, credentials: Credentials, client: api.Client) -> tuple[Component, ...]:
    """kube-controller-manager and kube-scheduler: no leader election, because there is one of each."""
    manager: Flags = {
        **_served(layout, credentials, identities.CONTROLLER_MANAGER),
        "secure-port": CONTROLLER_MANAGER.port,
        "cluster-cidr": POD_RANGE,
        "root-ca-file": credentials.authority.certificate,
        "service-account-private-key-file": credentials.token_private_key,
        "use-service-account-credentials": "true",
    }
    scheduler: Flags = {**_served(layout, credentials, identities.SCHEDULER), "secure-port": SCHEDULER.port}
    return (
        Component(
            name="kube-controller-manager",
            command=(layout.bin / "kube-controller-manager", *_flags(manager)),
            reads=_existing(manager),
            listens=(CONTROLLER_MANAGER,),
            ready=lambda: client.ok(CONTROLLER_MANAGER, "/healthz"),
        ),
        Component(
            name="kube-scheduler",
            command=(layout.bin / "kube-scheduler", *_flags(scheduler)),
            reads=_existing(scheduler),
            listens=(SCHEDULER,),
            ready=lambda: client.ok(SCHEDULER, "/healthz"),
        ),
    )


def agents(layout: Layout, credentials: Credentials) -> tuple[Component, ...]:
    """kubelet and kube-proxy."""
    kubelet: Flags = {
        "config": layout.config / "kubelet.yaml",
        "kubeconfig": kubeconfig_path(layout, identities.KUBELET),
        "root-dir": layout.kubelet,
        "cert-dir": layout.pki,
        "hostname-override": NODE_NAME,
        "node-ip": NODE_ADDRESS,
        "node-labels": f"{POOL_LABEL},{GPU_LABEL}",
    }
    certificates = tuple(source(identities.KUBELET_SERVER) for source in (credentials.certificate, credentials.key))
    proxy: Flags = {"config": layout.config / "kube-proxy.yaml"}
    return (
        Component(
            name="kubelet",
            command=(layout.bin / "kubelet", *_flags(kubelet)),
            reads=(*_existing(kubelet), *certificates),
            listens=(KUBELET, KUBELET_HEALTH),
            ready=lambda: api.healthy(KUBELET_HEALTH),
        ),
        Component(
            name="kube-proxy",
            command=(layout.bin / "kube-proxy", *_flags(proxy)),
            reads=(*_existing(proxy), kubeconfig_path(layout, identities.PROXY)),
            listens=(PROXY_HEALTH, PROXY_METRICS),
            ready=lambda: api.healthy(PROXY_HEALTH),
        ),
    )


def policy_controller(layout: Layout) -> Component:
    """kube-router, which turns network policies into the machine's firewall rules, with the rights to these alone."""
    program = layout.bin / "kube-router"
    flags: Flags = {
        "kubeconfig": kubeconfig_path(layout, identities.POLICY_CONTROLLER),
        "node": NODE_NAME,
        "service-cluster-ip-range": SERVICE_RANGE,
        "enforced-set": " ".join((*FIREWALL_TABLE, ENFORCED_SET)),
        "listen-address": str(POLICY_HEALTH),
    }
    return Component(
        name="kube-router",
        command=(_installed("setpriv"), *_FIREWALL_ONLY, program, *_flags(flags)),
        reads=(program, *_existing(flags)),
        listens=(POLICY_HEALTH,),
        ready=lambda: api.healthy(POLICY_HEALTH, "/readyz"),
    )


def forwarder(layout: Layout) -> Component:
    """haproxy: the workloads' Services on loopback."""
    listens = tuple(forward.listen for forward in FORWARDS)
    return Component(
        name="haproxy",
        command=(_installed("haproxy"), "-db", "-f", layout.config / "haproxy.cfg"),
        reads=(layout.config / "haproxy.cfg",),
        listens=listens,
        ready=lambda: all(ports.is_listening(endpoint) for endpoint in listens),
    )


def _installed(program: str) -> str:
    """Path of a program from a Debian package; `checks` has seen that it is there."""
    return shutil.which(program, path=ENVIRONMENT["PATH"]) or program


def _served(layout: Layout, credentials: Credentials, identity: Identity) -> Flags:
    kubeconfig = kubeconfig_path(layout, identity)
    return {
        "kubeconfig": kubeconfig,
        "authentication-kubeconfig": kubeconfig,
        "authorization-kubeconfig": kubeconfig,
        "bind-address": LOOPBACK,
        "client-ca-file": credentials.authority.certificate,
        "tls-cert-file": credentials.certificate(identity),
        "tls-private-key-file": credentials.key(identity),
        "leader-elect": "false",
        "profiling": "false",
    }


def _flags(values: Flags) -> tuple[str, ...]:
    return tuple(f"--{name}={value}" for name, value in values.items())


def _existing(values: Flags) -> tuple[Path, ...]:
    """The files among the values, all written before anything starts; logs are not read."""
    return tuple(value for name, value in values.items() if isinstance(value, Path) and name.endswith(_FILE_FLAGS))


_FILE_FLAGS = ("file", "config", "kubeconfig", "certificate", "key", "authority")
