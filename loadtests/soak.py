"""`python -m loadtests.soak`: is memory flat when a path is saturated for long, with texts of all lengths?

Samples what the server's processes hold while it is asked, prints where that went, and ends with exit status 1 where it
grew by more than is allowed.
"""

import argparse
import asyncio
import json
import random
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvloop

from loadtests.bench.cores import halves, pin
from loadtests.bench.load import by_many
from loadtests.bench.memory import resident
from loadtests.bench.paths import Server, Setting
from loadtests.bench.processes import REPO
from loadtests.bench.serving_run import answering, started
from loadtests.bench_serving import HERE, PATHS, TEXTS
from loadtests.measure import LoadTestError

_MIB = 1024 * 1024
_SAMPLES = 240


@dataclass(frozen=True)
class Sample:
    """Memory at a time, in seconds after the warm-up and bytes, and how many requests had been asked."""

    seconds: float
    resident: int
    requests: int


def growth(samples: Sequence[Sample]) -> float:
    """How much more the last quarter held than the second one, as a share; the first one may still fill its pools."""
    quarter = len(samples) // 4
    if not quarter:
        raise LoadTestError("Too few samples to judge: run this for longer.")
    before, after = samples[quarter : 2 * quarter], samples[-quarter:]
    return statistics.median(each.resident for each in after) / statistics.median(each.resident for each in before) - 1


class Requests:
    """Those of a path, in an order that changes, for so many seconds."""

    def __init__(self, requests: Sequence[bytes], *, seconds: float) -> None:
        self._requests, self._order = list(requests), random.Random(0)  # noqa: S311 - an order, no secret
        self._began, self._seconds = time.monotonic(), seconds
        self.asked = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def __iter__(self) -> Iterator[bytes]:
        """The next one to ask."""
        while True:
            self._order.shuffle(self._requests)
            for request in self._requests:
                if self.elapsed > self._seconds:
                    return
                self.asked += 1
                yield request


async def soak(server: Server, pid: int, *, clients: int, seconds: float) -> list[Sample]:
    """Ask until the time is over, and see what the server holds meanwhile."""
    samples: list[Sample] = []
    requests = Requests(server.caller.requests, seconds=seconds)

    async def watch() -> None:
        while True:
            samples.append(Sample(requests.elapsed, resident(pid), requests.asked))
            await asyncio.sleep(seconds / _SAMPLES)

    watching = asyncio.create_task(watch())
    await by_many(server.caller, requests, clients)
    watching.cancel()
    return samples


def texts() -> list[str]:
    """Of all lengths: the load tests' own, and as many that are longer, up to where the tokenizer cuts them."""
    return [*TEXTS, *(" ".join(TEXTS[start : start + 1 + start % 8]) for start in range(len(TEXTS)))]


async def run(path: str, setting: Setting, *, clients: int, seconds: float) -> list[Sample]:
    """Start a path, saturate it, and stop it."""
    server_cores, caller_cores = halves()
    pin(caller_cores)
    with started(path, PATHS[path], setting, texts(), server_cores) as (server, running):
        await answering(server, running)
        return await soak(server, running.pid, clients=clients, seconds=seconds)


def main() -> int:
    """Soak and report; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.soak", description=__doc__)
    parser.add_argument("--path", choices=PATHS, default="fastapi-svc")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--clients", type=int, default=96)
    parser.add_argument("--allowed", type=float, default=0.03, help="growth that still counts as flat (default: 0.03)")
    parser.add_argument("--model", type=Path, default=REPO / "build/model", help="the built model")
    parser.add_argument("--output", type=Path, help="file for the samples (default: loadtests/results/…)")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    with tempfile.TemporaryDirectory(dir=REPO / "build") as folder:
        try:
            setting = Setting(model=options.model.absolute(), threads=len(halves()[0]), folder=Path(folder))
            samples = uvloop.run(run(options.path, setting, clients=options.clients, seconds=options.minutes * 60))
            grown = growth(samples)
        except LoadTestError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    now = datetime.now(UTC)
    name = options.path.lower().replace(" ", "-")
    output = options.output or HERE / f"results/{now:%Y-%m-%d}-soak-{name}.json"
    rows = [[round(each.seconds, 1), each.resident, each.requests] for each in samples]
    output.write_text(json.dumps({"time": now.isoformat(), "path": options.path, "samples": rows}) + "\n")
    held = [each.resident / _MIB for each in samples]
    sys.stdout.write(
        f"{options.path}: {samples[-1].requests} requests in {samples[-1].seconds / 60:.1f} minutes; memory "
        f"{held[0]:.0f} MiB at first, {max(held):.0f} at most, {held[-1]:.0f} at last; last quarter over second "
        f"{grown:+.1%} ({'flat' if grown <= options.allowed else 'it grows'}). Samples: {output}\n"
    )
    return 0 if grown <= options.allowed else 1


if __name__ == "__main__":
    sys.exit(main())
