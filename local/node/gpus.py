"""GPUs that the node says to have, so that pods which ask for one are scheduled: the models run on its CPUs."""

import json

from local.node import kubectl
from local.node.addresses import NODE_NAME
from local.node.layout import Layout

RESOURCE = "nvidia.com/gpu"
COUNT = 2
"""Two, so that a second Triton fits while a new version rolls out."""


def advertise(layout: Layout) -> None:
    """Add the extended resource to the node's capacity; idempotent, and kept when the kubelet restarts.

    https://kubernetes.io/docs/tasks/administer-cluster/extended-resource-node/
    """
    patch = json.dumps({"status": {"capacity": {RESOURCE: str(COUNT)}}})
    patching = ["patch", "node", NODE_NAME, "--subresource=status", "--type=merge", f"--patch={patch}"]
    kubectl.run(layout, *patching, what=f"the node's {RESOURCE}")
