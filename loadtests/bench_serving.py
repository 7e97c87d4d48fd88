"""`python -m loadtests.bench_serving`: the serving paths beside raw ONNX Runtime and other servers of models, in one run.

The same model bytes, threads, texts and cores for all. In each round every path is started on the server's cores, asked
from the other ones and stopped, another path first in each, so that whatever else the machine does meets all. Prints the
table and the goals; keeps the raw data.
"""

import argparse
import json
import os
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvloop

from loadtests.bench import paths, shared_memory
from loadtests.bench.cores import halves, pin
from loadtests.bench.paths import Setting
from loadtests.bench.processes import REPO
from loadtests.bench.serving_figures import LENT, NAIVE, PEERS, RAW, SHARED, goals, table
from loadtests.bench.serving_run import Figures, Load, Make, measure, measure_raw
from loadtests.measure import LoadTestError

HERE = Path(__file__).parent
TEXTS: list[str] = json.loads((HERE / "data/texts.json").read_text())
_PEERS = dict(zip(PEERS, (paths.bentoml, paths.litserve, paths.ray_serve), strict=True))
PATHS: Mapping[str, Make] = {
    "fastapi-svc": paths.fastapi_svc,
    NAIVE: partial(paths.fastapi_svc, naive=True),
    "Triton HTTP": partial(paths.triton, over_grpc=False),
    "Triton gRPC": partial(paths.triton, over_grpc=True),
    SHARED: shared_memory.triton,
    **_PEERS,
    **{LENT[name]: partial(make, lent=True) for name, make in _PEERS.items()},
}


async def compare(
    wanted: Sequence[str], setting: Setting, *, rounds: int, one: int, passes: int, clients: int
) -> tuple[dict[str, list[Figures]], list[str]]:
    """So many rounds of raw and of the paths that are wanted, each round with other texts for one client; failures."""
    failed: list[str] = []
    server_cores, caller_cores = halves()
    pin(caller_cores)
    found: dict[str, list[Figures]] = {name: [] for name in (RAW, *wanted)}
    for turn in range(rounds):
        load = Load(
            one=[TEXTS[(turn * one + each) % len(TEXTS)] for each in range(one)], many=TEXTS * passes, clients=clients
        )
        names = list(found)
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            sys.stderr.write(f"round {turn + 1} of {rounds}: {name}\n")
            if name == RAW:
                found[name].append(measure_raw(setting, load, server_cores))
            else:
                found[name].append(await _twice_if_need_be(name, setting, load, server_cores, failed))
    return found, failed


async def _twice_if_need_be(
    name: str, setting: Setting, load: Load, cores: Sequence[int], failed: list[str]
) -> Figures:
    """A failure is put down and shown, but one of them does not end a run of all paths."""
    try:
        return await measure(name, PATHS[name], setting, load, cores)
    except LoadTestError as error:
        sys.stderr.write(f"{error} Once more.\n")
        failed.append(f"{name}: {error}")
        return await measure(name, PATHS[name], setting, load, cores)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench_serving", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="how often each path is measured (default: 5)")
    parser.add_argument("--one", type=int, default=200, help="requests of one client in a round (default: 200)")
    parser.add_argument("--passes", type=int, default=1, help="how often many ask all texts in a round (default: 1)")
    parser.add_argument("--clients", type=int, default=96, help="how many ask at once at saturation (default: 96)")
    parser.add_argument("--threads", type=int, help="threads of an inference (default: the server's cores)")
    parser.add_argument("--max-batch", type=int, default=32, help="texts of a batch, on every path (default: 32)")
    parser.add_argument("--delay-us", type=int, default=0, help="fastapi-svc's batch delay; Triton's is the model's")
    parser.add_argument("--peer-delay-us", type=int, default=2000, help="the peers' batch delay (default: 2000)")
    parser.add_argument(
        "--only", nargs="+", choices=PATHS, default=list(PATHS), help="paths besides raw (default: all)"
    )
    parser.add_argument("--model", type=Path, default=REPO / "build/model", help="the built model")
    parser.add_argument("--output", type=Path, help="file for the raw data (default: loadtests/results/…)")
    parser.add_argument("--keep", type=Path, help="folder to make for logs, and to leave")
    return parser.parse_args()


def main() -> int:
    """Measure and report; the exit code."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started is stopped
    with tempfile.TemporaryDirectory(dir=REPO / "build") as temporary:
        try:
            setting = Setting(
                model=options.model.absolute(),
                threads=options.threads or len(halves()[0]),
                max_batch=options.max_batch,
                delay_us=options.delay_us,
                peer_delay_us=options.peer_delay_us,
                folder=(options.keep or Path(temporary)).absolute(),
            )
            if not setting.version.exists():
                raise LoadTestError("The model is missing: run `make model`.")
            found, failed = uvloop.run(
                compare(
                    options.only,
                    setting,
                    rounds=options.rounds,
                    one=options.one,
                    passes=options.passes,
                    clients=options.clients,
                )
            )
        except LoadTestError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    now = datetime.now(UTC)
    output = options.output or HERE / f"results/{now:%Y-%m-%d}-bench-serving.json"
    settings = {name: _told(value) if isinstance(value, Path) else value for name, value in vars(options).items()}
    raw = {name: [asdict(each) for each in rounds] for name, rounds in found.items()}
    machine = {"cores": os.cpu_count(), "load": os.getloadavg()}
    output.write_text(
        json.dumps({"time": now.isoformat(), **machine, "settings": settings, "failed": failed, "paths": raw}) + "\n"
    )
    for each in failed:
        sys.stdout.write(f"Repeated after a failure: {each}\n")
    sys.stdout.write(f"{table(found, clients=options.clients)}\n\n{goals(found)}\n\nRaw data: {output}\n")
    return 0


def _told(path: Path) -> str:
    """A path of the repository without where on this machine that is."""
    return str(path.relative_to(REPO) if path.is_relative_to(REPO) else path)


if __name__ == "__main__":
    sys.exit(main())
