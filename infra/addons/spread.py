"""How the replicas of an add-on are kept apart."""

from collections.abc import Mapping, Sequence
from typing import Any


def spread(selected: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
    """Constraints for pods with the labels `selected`: evenly over zones and nodes, and together where zones are full.

    A cluster that is short of room still has names resolved, certificates renewed, and their requests admitted.
    """
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": dict(selected)},
        }
        for key in ("topology.kubernetes.io/zone", "kubernetes.io/hostname")
    ]
