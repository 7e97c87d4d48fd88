"""Every name, address and port of the node, in one place."""

from dataclasses import dataclass

BRIDGE = "inference0"
NODE_NAME = "inference"
NODE_ADDRESS = "198.18.0.1"
POD_RANGE = "198.18.0.0/16"
SERVICE_RANGE = "198.19.0.0/16"
API_SERVICE_ADDRESS = "198.19.0.1"
DNS_ADDRESS = "198.19.0.10"
CLUSTER_DOMAIN = "cluster.local"
CGROUP = "private-inference"
"""Root of the pods' cgroups: nothing else lives there, so what is below it is ours to end and to remove."""

FIREWALL_TABLE = ("inet", "inference-node")
BRIDGE_TABLE = ("bridge", "inference-node")
"""The firewall's part for what passes between two pods, of which the kernel asks the other part only by way of br_netfilter."""
ENFORCED_SET = "enforced"
"""Set of the firewall's table: addresses of the pods whose network policies are in force; no other pod's packets pass."""
LET_THROUGH = 0x20000
"""Bit of a packet's mark that kube-router sets once the policies of all the pods that it passes between have let it through."""
PROXY_TABLES = (("ip", "kube-proxy"), ("ip6", "kube-proxy"))
LOOPBACK = "127.0.0.1"
METADATA_ADDRESS = "169.254.169.254"
"""Where a cloud's machines ask who they are, and for credentials: pods have a way there, which policies have to close."""
METADATA_PORT = 80
METADATA_ROUTES = 16925
"""Number of the routing table, and of the rule that leads into it, by which pods alone get there."""


@dataclass(frozen=True)
class Endpoint:
    """A TCP address that one of our processes listens on."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


API_SERVER = Endpoint(NODE_ADDRESS, 6443)
KUBELET = Endpoint(NODE_ADDRESS, 10250)
KUBELET_HEALTH = Endpoint(LOOPBACK, 10248)
ETCD_CLIENT = Endpoint(LOOPBACK, 12379)
ETCD_PEER = Endpoint(LOOPBACK, 12380)
CONTROLLER_MANAGER = Endpoint(LOOPBACK, 10257)
SCHEDULER = Endpoint(LOOPBACK, 10259)
PROXY_HEALTH = Endpoint(LOOPBACK, 10256)
PROXY_METRICS = Endpoint(LOOPBACK, 10249)
POLICY_HEALTH = Endpoint(LOOPBACK, 20244)
"""kube-router's health and metrics."""
AWS_PORT = 5566
"""Where the emulated AWS API listens on the node's address."""
POD_TO_NODE_PORTS = (API_SERVER.port, KUBELET.port, AWS_PORT)


@dataclass(frozen=True)
class Forward:
    """A port on loopback that leads to a Service of the cluster."""

    port: int
    service: str
    namespace: str
    service_port: int
    tls: bool = False
    """Whether whoever forwards encrypts and, as the load balancer on AWS, verifies nothing. Else bytes pass as they are: to
    Triton's gRPC, which admits the gateway's certificate alone, the client itself has to speak TLS.
    """

    @property
    def listen(self) -> Endpoint:
        """Where it is reached from this machine."""
        return Endpoint(LOOPBACK, self.port)

    @property
    def host(self) -> str:
        """The Service's name in the cluster's DNS."""
        return f"{self.service}.{self.namespace}.svc.{CLUSTER_DOMAIN}"


FORWARDS = (
    Forward(18080, "gateway", "gateway", 8443, tls=True),
    Forward(18081, "fastapi-svc", "inference", 8080),
    Forward(18000, "triton", "inference", 8000),
    Forward(18001, "triton", "inference", 8001),
)
