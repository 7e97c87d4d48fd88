"""What a model is built for: the bytes that run there, and how Triton runs them."""

from dataclasses import dataclass
from pathlib import Path

from model_build.errors import BuildError

_PROCESSOR = Path("/proc/cpuinfo")
_EIGHT_BIT_DOT_PRODUCTS = {"avx512_vnni", "avx_vnni"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """`weight_bits` are those of INT8 weights; `gpu` adds an FP16 model, which `tensorrt` compiles when Triton starts."""

    name: str
    weight_bits: int = 7
    gpu: bool = False
    tensorrt: bool = False


TARGETS = {
    target.name: target
    for target in (
        Target(name="cpu"),
        Target(name="cpu-vnni", weight_bits=8),
        Target(name="gpu", gpu=True),
        Target(name="gpu-tensorrt", gpu=True, tensorrt=True),
    )
}
"""Seven bits are right on every processor: x86 without VNNI adds pairs of 8-bit products in 16 bits, which saturate. With
VNNI both take the same time, and eight bits are nearer to the checkpoint."""


def check(target: Target, *, processor: Path = _PROCESSOR) -> None:
    """Raise BuildError where this machine cannot verify what `target` asks for."""
    flags = set(processor.read_text().split()) if processor.exists() else set()
    if target.weight_bits == 8 and not flags & _EIGHT_BIT_DOT_PRODUCTS:
        raise BuildError(f"This machine has no VNNI to verify {target.name} with: build on one that has, or for cpu.")
