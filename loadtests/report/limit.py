"""What the machine can do at most: raw ONNX Runtime in one process, as `loadtests.bench_serving` measured it."""

import json
import statistics
from dataclasses import dataclass
from pathlib import Path

from loadtests.measure import LoadTestError

_PATH = "raw ONNX Runtime"
"""As that file names it."""


@dataclass(frozen=True)
class Limit:
    """Medians over its rounds: the latency of one text after the other, and texts a second in full batches."""

    p50_ms: float
    per_s: float


def read(file: Path) -> Limit:
    """Raises LoadTestError where `file` is something else."""
    try:
        rounds = json.loads(file.read_text())["paths"][_PATH]
        alone = [1000 * seconds for each in rounds for seconds in each["one_client_s"]]
        return Limit(statistics.median(alone), statistics.median(each["per_s"] for each in rounds))
    except (OSError, ValueError, KeyError, TypeError, statistics.StatisticsError):
        raise LoadTestError(f"{file} is no raw data of `make bench`: give a file that it has written.") from None
