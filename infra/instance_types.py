"""EC2 instance families that the node pools accept. Both AMIs are x86_64, so no Graviton family is here."""

GPU_FAMILIES = frozenset({"g4dn", "g5", "g6", "g6e", "gr6", "p4d", "p4de", "p5", "p5e", "p5en"})
"""Families with NVIDIA GPUs that the AL2023_x86_64_NVIDIA AMI drives."""

SYSTEM_FAMILIES = frozenset(
    {"c5", "c6a", "c6i", "c7a", "c7i", "m5", "m6a", "m6i", "m7a", "m7i", "r5", "r6i", "r7i", "t3", "t3a"}
)
"""General-purpose Nitro families for everything that needs no GPU."""


def family(instance_type: str) -> str:
    """`g4dn` of `g4dn.xlarge`."""
    return instance_type.partition(".")[0]
