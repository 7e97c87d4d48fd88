"""EC2 instance types that the node pools accept. Both machine images are x86_64, so no Graviton family is here."""

from pulumi_aws.ec2 import InstanceType

GPU_FAMILIES = frozenset({"g4dn", "g5", "g6", "g6e", "gr6", "p4d", "p4de", "p5", "p5e", "p5en"})
"""Families with NVIDIA GPUs that the AL2023_x86_64_NVIDIA image drives."""

MIG_FAMILIES = frozenset({"p4d", "p4de", "p5", "p5e", "p5en"})
"""GPU families whose GPUs (A100, H100, H200) can be partitioned in hardware; T4, A10G, L4 and L40S cannot.

https://docs.nvidia.com/datacenter/tesla/mig-user-guide/supported-gpus.html
"""

SYSTEM_FAMILIES = frozenset(
    {"c5", "c6a", "c6i", "c7a", "c7i", "m5", "m6a", "m6i", "m7a", "m7i", "r5", "r6i", "r7i", "t3", "t3a"}
)
"""General-purpose Nitro families for everything that needs no GPU."""

_EXISTING = frozenset(known.value for known in InstanceType)
"""Every type that the AWS provider knows; one that a region lacks is refused by AWS alone."""


def family(instance_type: str) -> str:
    """`g4dn` of `g4dn.xlarge`."""
    return instance_type.partition(".")[0]


def is_gpu_type(name: str) -> bool:
    """Whether `name` is an existing type of a GPU family."""
    return name in _EXISTING and family(name) in GPU_FAMILIES


def has_mig(name: str) -> bool:
    """Whether the GPUs of the type `name` can be partitioned."""
    return family(name) in MIG_FAMILIES


def is_system_type(name: str) -> bool:
    """Whether `name` is an existing type of a system family."""
    return name in _EXISTING and family(name) in SYSTEM_FAMILIES
