"""The knee: how much load a path takes within the objective."""

from collections.abc import Iterable
from dataclasses import dataclass

from loadtests.measure import Run


@dataclass(frozen=True, kw_only=True)
class Objective:
    """What an answer in time is: the 95th percentile in milliseconds, no request without answer, none that could not start."""

    p95_ms: float = 50.0

    def met(self, run: Run) -> bool:
        """Whether `run` kept to it."""
        return not run.failed and not run.dropped and run.p95_ms <= self.p95_ms

    def __str__(self) -> str:
        return f"p95 at most {self.p95_ms:g} ms, no error, no dropped iteration"


def knee(steps: Iterable[Run], objective: Objective) -> float:
    """The highest offered rate, in requests a second, up to which every step of one round kept to `objective`; 0 if none did.

    A step that did by chance above one that did not counts for nothing.
    """
    highest = 0.0
    for step in sorted(steps, key=lambda run: run.offered_per_s or 0.0):
        if not objective.met(step):
            break
        highest = step.offered_per_s or 0.0
    return highest
