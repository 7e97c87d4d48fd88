"""Who is who on the node: every certificate, and the kubeconfig files made from them."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

import yaml

from local.node.addresses import (
    API_SERVER,
    API_SERVICE_ADDRESS,
    CLUSTER_DOMAIN,
    LOOPBACK,
    NODE_ADDRESS,
    NODE_NAME,
)
from local.node.layout import Layout
from local.node.pki import Authority, Identity, signing_key_pair

API_SERVER_IDENTITY = Identity(
    name="kube-apiserver",
    common_name="kube-apiserver",
    addresses=(NODE_ADDRESS, API_SERVICE_ADDRESS),
    dns=(
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        f"kubernetes.default.svc.{CLUSTER_DOMAIN}",
    ),
    server=True,
)
API_SERVER_TO_KUBELET = Identity(name="kubelet-client", common_name="kube-apiserver-kubelet-client", client=True)
KUBELET_SERVER = Identity(
    name="kubelet-server",
    common_name=f"system:node:{NODE_NAME}",
    organisation="system:nodes",
    addresses=(NODE_ADDRESS,),
    dns=(NODE_NAME,),
    server=True,
)
KUBELET = Identity(name="kubelet", common_name=f"system:node:{NODE_NAME}", organisation="system:nodes", client=True)
CONTROLLER_MANAGER = Identity(
    name="kube-controller-manager",
    common_name="system:kube-controller-manager",
    addresses=(LOOPBACK,),
    client=True,
    server=True,
)
SCHEDULER = Identity(
    name="kube-scheduler", common_name="system:kube-scheduler", client=True, server=True, addresses=(LOOPBACK,)
)
PROXY = Identity(name="kube-proxy", common_name="system:kube-proxy", client=True)
POLICY_CONTROLLER = Identity(name="kube-router", common_name="system:kube-router", client=True)
ADMIN = Identity(name="admin", common_name="local-admin", organisation="system:masters", client=True)
ETCD = Identity(name="etcd", common_name="etcd", client=True, server=True, addresses=(LOOPBACK,))
FRONT_PROXY = Identity(name="front-proxy", common_name="front-proxy-client", client=True)
METRICS_SERVER = Identity(
    name="metrics-server",
    common_name="metrics-server",
    dns=("metrics-server.kube-system.svc",),
    server=True,
)
ETCD_CLIENT = Identity(name="etcd-client", common_name="kube-apiserver", client=True)

_CLUSTER = (
    API_SERVER_IDENTITY,
    API_SERVER_TO_KUBELET,
    KUBELET_SERVER,
    KUBELET,
    CONTROLLER_MANAGER,
    SCHEDULER,
    PROXY,
    POLICY_CONTROLLER,
    ADMIN,
    METRICS_SERVER,
)
_WITH_KUBECONFIG = (KUBELET, CONTROLLER_MANAGER, SCHEDULER, PROXY, POLICY_CONTROLLER)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """Paths of what `ensure` made. etcd trusts an authority of its own: a kubelet's certificate opens nothing there.

    So do servers behind the API server: whoever the front proxy's authority has signed may say who a caller is.
    """

    directory: Path
    authority: Authority
    etcd_authority: Authority
    front_proxy_authority: Authority
    token_public_key: Path
    token_private_key: Path

    def certificate(self, identity: Identity) -> Path:
        """PEM certificate of one of the identities above."""
        return self.directory / f"{identity.name}.crt"

    def key(self, identity: Identity) -> Path:
        """PEM key of one of the identities above (0600)."""
        return self.directory / f"{identity.name}.key"


def ensure(layout: Layout) -> Credentials:
    """Make what is missing or soon ends, keep the rest; idempotent."""
    authority, etcd_authority = Authority(layout.pki, "ca"), Authority(layout.pki, "etcd-ca")
    front_proxy_authority = Authority(layout.pki, "front-proxy-ca")
    for identity in _CLUSTER:
        authority.issue(identity, layout.pki)
    for identity in (ETCD, ETCD_CLIENT):
        etcd_authority.issue(identity, layout.pki)
    front_proxy_authority.issue(FRONT_PROXY, layout.pki)
    public, private = signing_key_pair(layout.pki, "service-accounts")
    credentials = Credentials(
        directory=layout.pki,
        authority=authority,
        etcd_authority=etcd_authority,
        front_proxy_authority=front_proxy_authority,
        token_public_key=public,
        token_private_key=private,
    )
    for identity in _WITH_KUBECONFIG:
        write_secret(kubeconfig_path(layout, identity), _kubeconfig(credentials, identity))
    write_secret(layout.kubeconfig, _kubeconfig(credentials, ADMIN))
    return credentials


def kubeconfig_path(layout: Layout, identity: Identity) -> Path:
    """The kubeconfig file of a component."""
    return layout.config / f"{identity.name}.kubeconfig"


def write_secret(path: Path, content: str) -> None:
    """Write a file that only its owner may read; in one step, and not at all where it holds that already."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.exists() and path.read_text() == content:
        return
    aside = path.with_name(f"{path.name}.new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(content)
    aside.replace(path)


def _kubeconfig(credentials: Credentials, identity: Identity) -> str:
    """Self-contained, so that it can be handed on as one value."""
    cluster = {
        "server": f"https://{API_SERVER}",
        "certificate-authority-data": _encoded(credentials.authority.certificate),
    }
    user = {
        "client-certificate-data": _encoded(credentials.certificate(identity)),
        "client-key-data": _encoded(credentials.key(identity)),
    }
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "private-inference", "cluster": cluster}],
            "users": [{"name": identity.common_name, "user": user}],
            "contexts": [
                {"name": "private-inference", "context": {"cluster": "private-inference", "user": identity.common_name}}
            ],
            "current-context": "private-inference",
        }
    )


def _encoded(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
