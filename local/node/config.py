"""Configuration files of the node's components, rendered from the addresses and the layout."""

import base64
import json
import secrets
from typing import Any

import yaml

from local.node import audit, identities
from local.node.addresses import (
    BRIDGE,
    CGROUP,
    CLUSTER_DOMAIN,
    DNS_ADDRESS,
    FORWARDS,
    KUBELET,
    KUBELET_HEALTH,
    LOOPBACK,
    METADATA_ADDRESS,
    NODE_ADDRESS,
    NODE_NAME,
    POD_RANGE,
    PROXY_HEALTH,
    PROXY_METRICS,
    SERVICE_RANGE,
    Forward,
)
from local.node.identities import Credentials, write_secret
from local.node.layout import Layout

POOL_LABEL = "inference/node-pool=system"
GPU_LABEL = "nvidia.com/gpu.present=true"


def write_all(layout: Layout, credentials: Credentials, *, pause_image: str, may_raise_priority: bool) -> None:
    """Write every file that a component reads; a file that already says so is not touched."""
    config = layout.config
    write_secret(
        config / "containerd.toml", containerd(layout, pause_image=pause_image, may_raise_priority=may_raise_priority)
    )
    write_secret(layout.cni / "10-inference.conflist", json.dumps(cni(layout), indent=1))
    write_secret(config / "resolv.conf", "# Names outside the cluster are not resolved.\n")
    write_secret(config / "kubelet.yaml", yaml.safe_dump(kubelet(layout, credentials)))
    write_secret(config / "kube-proxy.yaml", yaml.safe_dump(proxy(layout)))
    write_secret(config / "audit.yaml", audit.POLICY.read_text())
    write_secret(config / "haproxy.cfg", haproxy(FORWARDS))
    if not (config / "encryption.yaml").exists():
        write_secret(config / "encryption.yaml", yaml.safe_dump(encryption(secrets.token_bytes(32))))


def containerd(layout: Layout, *, pause_image: str, may_raise_priority: bool) -> str:
    """containerd 1.6. Where the machine withholds CAP_SYS_RESOURCE a negative OOM score is refused and no pod starts
    (runc says "can't get final child's PID from pipe: EOF"), so the scores are restricted there."""
    root = layout.containerd
    return f"""version = 2
root = "{root}/root"
state = "{root}/state"
disabled_plugins = [
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.zfs", "io.containerd.internal.v1.tracing",
]
[grpc]
  address = "{layout.socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{root}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause_image}"
  restrict_oom_score_adj = {str(not may_raise_priority).lower()}
  netns_mounts_under_state_dir = true
  stream_server_address = "{LOOPBACK}"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{layout.cni}"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        Root = "{root}/runc"
"""


def cni(layout: Layout) -> dict[str, Any]:
    """Pods get a route to the Services and to each other, and no default route: nothing outside is reachable.

    The one to the instance metadata, which every pod on EKS has, is there for the network policies to refuse.
    """
    bridge = {
        "type": "bridge",
        "bridge": BRIDGE,
        "isGateway": True,
        "ipMasq": False,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": str(layout.root / "cni-addresses"),
            "ranges": [[{"subnet": POD_RANGE, "rangeStart": "198.18.0.16", "gateway": NODE_ADDRESS}]],
            "routes": [{"dst": SERVICE_RANGE}, {"dst": f"{METADATA_ADDRESS}/32"}],
        },
    }
    return {"cniVersion": "1.0.0", "name": BRIDGE, "plugins": [bridge]}


def kubelet(layout: Layout, credentials: Credentials) -> dict[str, Any]:
    """KubeletConfiguration. Eviction waits until the disk is almost full: it is not the cluster's alone."""
    certificate, key = (source(identities.KUBELET_SERVER) for source in (credentials.certificate, credentials.key))
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": KUBELET.address,
        "port": KUBELET.port,
        "healthzBindAddress": KUBELET_HEALTH.address,
        "healthzPort": KUBELET_HEALTH.port,
        "readOnlyPort": 0,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(credentials.authority.certificate)},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(certificate),
        "tlsPrivateKeyFile": str(key),
        "tlsMinVersion": "VersionTLS12",
        "containerRuntimeEndpoint": f"unix://{layout.socket}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{CGROUP}",
        "failCgroupV1": False,
        "failSwapOn": False,
        "oomScoreAdj": 0,
        "makeIPTablesUtilChains": False,
        "seccompDefault": True,
        "clusterDNS": [DNS_ADDRESS],
        "clusterDomain": CLUSTER_DOMAIN,
        "resolvConf": str(layout.config / "resolv.conf"),
        "podLogsDir": str(layout.root / "pod-logs"),
        # Pods see a Secret that changed after this time instead of a minute: renewed certificates, for one.
        "syncFrequency": "10s",
        "volumePluginDir": str(layout.kubelet / "volume-plugins"),
        "evictionHard": {
            "memory.available": "100Mi",
            "nodefs.available": "1%",
            "nodefs.inodesFree": "1%",
            "imagefs.available": "1%",
        },
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
    }


def proxy(layout: Layout) -> dict[str, Any]:
    """KubeProxyConfiguration; zeros leave the machine's connection-tracking limits as they are."""
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clusterCIDR": POD_RANGE,
        "hostnameOverride": NODE_NAME,
        "bindAddress": NODE_ADDRESS,
        "healthzBindAddress": str(PROXY_HEALTH),
        "metricsBindAddress": str(PROXY_METRICS),
        # Node ports are for this machine and its pods: the firewall keeps the range of this address to them.
        "nodePortAddresses": [f"{NODE_ADDRESS}/32"],
        "oomScoreAdj": 0,
        "conntrack": {
            "maxPerCore": 0,
            "min": 0,
            "tcpEstablishedTimeout": "0s",
            "tcpCloseWaitTimeout": "0s",
        },
        "clientConnection": {"kubeconfig": str(identities.kubeconfig_path(layout, identities.PROXY))},
    }


def encryption(key: bytes) -> dict[str, Any]:
    """Secrets are encrypted in etcd; `key` has 32 bytes and is made once for the life of the data."""
    provider = {"secretbox": {"keys": [{"name": "key1", "secret": base64.b64encode(key).decode()}]}}
    return {
        "apiVersion": "apiserver.config.k8s.io/v1",
        "kind": "EncryptionConfiguration",
        "resources": [{"resources": ["secrets"], "providers": [provider]}],
    }


def haproxy(forwards: tuple[Forward, ...]) -> str:
    """TCP from loopback to Services found by name, so that they may come, go and change address."""
    blocks = [
        f"""listen {forward.service}-{forward.service_port}
  bind {forward.listen}
  server service {forward.host}:{forward.service_port} resolvers cluster resolve-prefer ipv4 init-addr none{_encryption(forward)}
"""
        for forward in forwards
    ]
    return f"""global
  user haproxy
  group haproxy
  maxconn 4096
resolvers cluster
  nameserver coredns {DNS_ADDRESS}:53
  accepted_payload_size 4096
  resolve_retries 3
  timeout resolve 1s
  timeout retry 1s
  hold valid 5s
  hold nx 1s
defaults
  mode tcp
  timeout connect 5s
  # gRPC channels idle for long between requests.
  timeout client 1h
  timeout server 1h
{"".join(blocks)}"""


def _encryption(forward: Forward) -> str:
    return " ssl verify none ssl-min-ver TLSv1.2" if forward.tls else ""
