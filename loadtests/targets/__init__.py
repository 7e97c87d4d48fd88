"""What load is sent to, and what can be seen of it from outside: its processor time, its memory, Triton's batches."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Batches:
    """What Triton has done since it started: inferences (texts) and executions (batches)."""

    inferences: float
    executions: float

    def since(self, before: "Batches") -> "Batches":
        """What it did in between."""
        return Batches(self.inferences - before.inferences, self.executions - before.executions)


@dataclass(frozen=True)
class Use:
    """What is known of each service by its name: processor seconds since it started, and resident MiB now."""

    cpu_s: Mapping[str, float]
    memory_mib: Mapping[str, float]


NOTHING = Use({}, {})


class Target(Protocol):
    """Something with the paths to a prediction."""

    name: str
    paths: Sequence[str]

    def environment(self, path: str) -> Mapping[str, str]:
        """What the script of `path` needs: address, token, certificates."""
        ...

    def use(self) -> Use:
        """Empty where it cannot be seen from here."""
        ...

    def batches(self) -> Batches | None:
        """None where Triton's metrics cannot be reached from here."""
        ...


def read_batches(exposition: str) -> Batches:
    """Triton's metrics, as it exposes them, summed over models and versions."""
    sums = [
        sum(float(value) for value in re.findall(rf"^{name}(?:{{.*}})? (\S+)$", exposition, re.MULTILINE))
        for name in ("nv_inference_count", "nv_inference_exec_count")
    ]
    return Batches(*sums)
