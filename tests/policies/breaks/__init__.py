"""For every rule: properties of the compliant stack that, changed one at a time, must make it fire."""

from tests.policies.breaks import cluster, edge, services, workloads
from tests.policies.breaks.broken import Break

BREAKS = (*cluster.BREAKS, *services.BREAKS, *edge.BREAKS, *workloads.BREAKS)

__all__ = ["BREAKS", "Break"]
