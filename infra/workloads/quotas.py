"""How much each namespace may hold, derived from the sizes that are configured: nothing of the stack's is ever refused.

A quota bounds what a mistake or an intruder can start; the limits see to it that no container is without bound.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.core.v1 import (
    LimitRange,
    LimitRangeItemArgs,
    LimitRangeSpecArgs,
    ResourceQuota,
    ResourceQuotaSpecArgs,
)
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs

from infra.config_auth import Caller
from infra.config_types import NodeCounts, Workloads, WorkloadSize
from infra.workloads.namespaces import AUDIT, GATEWAY, INFERENCE, LOADTEST, OBSERVABILITY, SYSTEM

_DAEMON_SETS = 2
_MORE_NODES = 6
"""EKS adds up to two nodes a zone while it replaces those of a pool.

https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html
"""
_READERS = 2
_COLLECTORS = 1


@dataclass(frozen=True)
class QuotasArgs:
    """What the quotas follow from. `gpus_per_triton` is 0 where Triton computes on the CPU."""

    workloads: Workloads
    gpu_nodes: NodeCounts
    gpus_per_triton: int
    callers: tuple[Caller, ...] = ()


@dataclass(frozen=True)
class Size:
    """CPU by request and limit, and memory, of which both are the same."""

    cpu_millis: int
    cpu_limit_millis: int
    memory_mib: int


BESIDE = Size(cpu_millis=200, cpu_limit_millis=2000, memory_mib=512)
"""Room in every pod for its init containers and sidecars together."""
AGENT = Size(cpu_millis=200, cpu_limit_millis=1000, memory_mib=1024)
"""Room for one pod of a node's DaemonSet, or of a reader of metrics."""
LOAD = Size(cpu_millis=500, cpu_limit_millis=2000, memory_mib=512)
"""Room for the Job that loads the gateway."""


@dataclass(frozen=True)
class Pods:
    """Up to `count` pods alike, whose own container is of `size`."""

    size: Size
    count: int
    gpus_each: int = 0


@dataclass(frozen=True)
class Room:
    """What one namespace may hold; `config_maps` and `certificates` are those that the program makes there."""

    pods: tuple[Pods, ...]
    config_maps: int = 0
    certificates: int = 0
    node_ports: int = 0

    def hard(self) -> dict[str, str]:
        """The quota's limits, each named and written as Kubernetes does."""
        cpu = _total((each.count, each.size.cpu_millis + BESIDE.cpu_millis) for each in self.pods)
        cpu_limit = _total((each.count, each.size.cpu_limit_millis + BESIDE.cpu_limit_millis) for each in self.pods)
        memory = _total((each.count, each.size.memory_mib + BESIDE.memory_mib) for each in self.pods)
        return {
            "pods": str(sum(each.count for each in self.pods)),
            "requests.cpu": f"{cpu}m",
            "limits.cpu": f"{cpu_limit}m",
            "requests.memory": f"{memory}Mi",
            "limits.memory": f"{memory}Mi",
            "requests.nvidia.com/gpu": str(_total((each.count, each.gpus_each) for each in self.pods)),
            "services.loadbalancers": "0",
            "services.nodeports": str(self.node_ports),
            "persistentvolumeclaims": "0",
            # The one that Kubernetes puts everywhere, and ours, each beside the one that takes its place.
            "configmaps": str(1 + 2 * self.config_maps),
            # A certificate's, and while it is renewed the next one's key.
            "secrets": str(2 * self.certificates),
        }

    def largest(self) -> dict[str, str]:
        """What one container may have."""
        sizes = [BESIDE, *(each.size for each in self.pods)]
        return {
            "cpu": f"{max(size.cpu_limit_millis for size in sizes)}m",
            "memory": f"{max(size.memory_mib for size in sizes)}Mi",
        }


def rooms(args: QuotasArgs) -> Mapping[str, Room]:
    """The room of each namespace."""
    sizes, nodes = args.workloads, args.gpu_nodes.max + _MORE_NODES
    serving = (_rolling(sizes.triton, gpus_each=args.gpus_per_triton), _rolling(sizes.fastapi_svc))
    found = {
        GATEWAY: Room(
            (_rolling(sizes.gateway),), config_maps=1, certificates=1 + _callers(args, GATEWAY), node_ports=1
        ),
        INFERENCE: Room(serving, config_maps=3, certificates=1 + _callers(args, INFERENCE)),
        OBSERVABILITY: Room((Pods(AGENT, 2 * _READERS),), config_maps=_READERS),
        AUDIT: Room((Pods(AGENT, 2 * _COLLECTORS + 1),), config_maps=_COLLECTORS, certificates=_COLLECTORS),
        SYSTEM: Room((Pods(AGENT, 2 * _DAEMON_SETS * nodes),), config_maps=_DAEMON_SETS),
    }
    if loaders := _callers(args, LOADTEST):
        found[LOADTEST] = Room((Pods(LOAD, 2 * loaders),), config_maps=loaders, certificates=loaders)
    return found


def _callers(args: QuotasArgs, namespace: str) -> int:
    """Callers of the gateway there, each with a certificate."""
    return sum(each.namespace == namespace for each in args.callers)


def _rolling(size: WorkloadSize, *, gpus_each: int = 0) -> Pods:
    """As many as load brings, their successors, and one more: a pod that goes counts until its grace period is over."""
    one = Size(size.cpu_millis, size.cpu_limit_millis, size.memory_mib)
    return Pods(one, 2 * size.most_replicas + 1, gpus_each)


def _total(parts: Iterable[tuple[int, int]]) -> int:
    return sum(count * each for count, each in parts)


class Quotas(pulumi.ComponentResource):
    """A quota and limits for each namespace. Give it as a dependency to the workloads: their room has to be there first."""

    def __init__(self, name: str, args: QuotasArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Quotas", name, None, opts)
        here = pulumi.ResourceOptions(parent=self)
        for namespace, room in rooms(args).items():
            ResourceQuota(
                f"{namespace}-quota",
                metadata=ObjectMetaArgs(name="quota", namespace=namespace),
                spec=ResourceQuotaSpecArgs(hard=room.hard()),
                opts=here,
            )
            LimitRange(
                f"{namespace}-limits",
                metadata=ObjectMetaArgs(name="limits", namespace=namespace),
                spec=LimitRangeSpecArgs(
                    limits=[
                        LimitRangeItemArgs(
                            type="Container",
                            max=room.largest(),
                            # Small, so that whoever needs more has to say so.
                            default={"cpu": "100m", "memory": "128Mi"},
                            default_request={"cpu": "50m", "memory": "64Mi"},
                        )
                    ]
                ),
                opts=here,
            )
        self.register_outputs({})
