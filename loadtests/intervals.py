"""Means over rounds with the confidence that few rounds allow."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

_T_975 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
)
"""97.5th percentile of Student's t by degrees of freedom, from 1; beyond, the one of 20 is on the safe side."""


@dataclass(frozen=True)
class Interval:
    """A mean and its two-sided 95 % confidence interval; `low` and `high` are None for a single round."""

    mean: float
    low: float | None
    high: float | None
    rounds: int


def interval(values: Sequence[float]) -> Interval:
    """Student's t over rounds, which are independent runs; requests within one are not."""
    mean = statistics.fmean(values)
    if len(values) < 2:
        return Interval(mean, None, None, len(values))
    half = _T_975[min(len(values) - 1, len(_T_975)) - 1] * statistics.stdev(values) / math.sqrt(len(values))
    return Interval(mean, mean - half, mean + half, len(values))


def ratio(values: Sequence[float], references: Sequence[float]) -> Interval:
    """The geometric mean of the ratios of each round: what a machine does in one round meets both sides of its ratio."""
    logs = interval([math.log(value / reference) for value, reference in zip(values, references, strict=True)])
    low, high = (None if bound is None else math.exp(bound) for bound in (logs.low, logs.high))
    return Interval(math.exp(logs.mean), low, high, logs.rounds)
