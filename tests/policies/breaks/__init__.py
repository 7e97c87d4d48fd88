"""For every rule: properties of the compliant stack that, changed one at a time, must make it fire.

The first ones of all rules can be made at the same time: the engine's tests break everything at once.
"""

from tests.policies.breaks import cluster, edge, pods, rights, services, stores, workloads
from tests.policies.breaks.broken import Break

BREAKS = (
    *cluster.BREAKS,
    *services.BREAKS,
    *edge.BREAKS,
    *stores.BREAKS,
    *rights.BREAKS,
    *workloads.BREAKS,
    *pods.BREAKS,
)

__all__ = ["BREAKS", "Break"]
