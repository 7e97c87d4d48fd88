"""Which pod gets room when there is not enough: a pod of a higher class takes it from pods of lower ones.

No class is the default, so that a pod of somebody else's has none of these; the DaemonSets of GPU nodes have
Kubernetes' own `system-node-critical`, because without them a node has no GPU to give.
"""

from dataclasses import dataclass

import pulumi
from pulumi_kubernetes.meta.v1 import ObjectMetaArgs
from pulumi_kubernetes.scheduling.v1 import PriorityClass

GATEWAY, SERVING, COMPARISON = "inference-gateway", "inference-serving", "inference-comparison"


@dataclass(frozen=True)
class Priority:
    """`value` orders the classes; with `preempts`, a pod that finds no room takes that of pods below it."""

    name: str
    value: int
    preempts: bool
    reason: str


PRIORITIES = (
    Priority(
        GATEWAY,
        1_000_000,
        True,
        "The one door: it authenticates, takes PHI out and audits, and says so when Triton is away.",
    ),
    Priority(
        SERVING, 900_000, True, "Triton answers for the gateway, and starts slowly: it must not wait for a comparison."
    ),
    Priority(
        COMPARISON, 100_000, False, "Nobody depends on the comparison: it gives way, and waits where there is no room."
    ),
)


class Priorities(pulumi.ComponentResource):
    """The priority classes. Give it as a dependency to the pods that name one."""

    def __init__(self, name: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("inference:workloads:Priorities", name, None, opts)
        for priority in PRIORITIES:
            PriorityClass(
                priority.name,
                metadata=ObjectMetaArgs(name=priority.name),
                value=priority.value,
                global_default=False,
                preemption_policy="PreemptLowerPriority" if priority.preempts else "Never",
                description=priority.reason,
                # Kubernetes lets nobody change a class: another value takes another class of the same name.
                opts=pulumi.ResourceOptions(
                    parent=self, replace_on_changes=["value", "preemptionPolicy"], delete_before_replace=True
                ),
            )
        self.register_outputs({})
