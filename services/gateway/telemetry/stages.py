"""When each stage of one request began and ended: for the metrics always, for its trace where it is sampled."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Literal, NamedTuple, get_args

from starlette.types import Scope

Stage = Literal["auth", "limits", "body", "deidentify", "triton", "audit"]
STAGES: tuple[Stage, ...] = get_args(Stage)


class Timing(NamedTuple):
    """Times in nanoseconds of `time.perf_counter_ns`."""

    stage: Stage
    began: int
    ended: int
    failed: bool


class Stages:
    """The stages of one request so far. `observe` has what counts a duration in seconds, by stage."""

    __slots__ = ("_observe", "timings")

    def __init__(self, observe: Mapping[Stage, Callable[[float], None]]) -> None:
        self._observe = observe
        self.timings: list[Timing] = []

    def stage(self, stage: Stage) -> "_Running":
        """Time a `with` block, whether or not it succeeds."""
        return _Running(self, stage)

    def ended(self, stage: Stage, began: int, *, failed: bool) -> None:
        """Note a stage that began then and has ended now."""
        now = time.perf_counter_ns()
        self.timings.append(Timing(stage, began, now, failed))
        self._observe[stage]((now - began) / 1e9)


def timed(scope: Scope, stage: Stage) -> AbstractContextManager[None]:
    """Time a `with` block of the request, where anything times it."""
    stages: Stages | None = scope["state"].get("stages")
    return stages.stage(stage) if stages else nullcontext()


class _Running(AbstractContextManager[None]):
    __slots__ = ("_began", "_stage", "_stages")

    def __init__(self, stages: Stages, stage: Stage) -> None:
        self._stages, self._stage = stages, stage

    def __enter__(self) -> None:
        self._began = time.perf_counter_ns()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stages.ended(self._stage, self._began, failed=kind is not None)
