"""`python -m loadtests.bench_gateway`: what the gateway adds to Triton, on the same texts in the same run.

Both are processes on this machine; the same caller asks Triton straight and through the gateway in turn, so that whatever
else the machine does meets both. Prints both ratios and where the time of a request goes, with the built-in model and with
one of DistilBERT's size, which the paper measured; keeps the raw data.
"""

import argparse
import json
import os
import ssl
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import uvloop

from loadtests.bench import cpu
from loadtests.bench.callers import Caller, Gateway, Triton, many_clients, one_client
from loadtests.bench.credentials import LOOPBACK
from loadtests.bench.figures import Raw, report, stages
from loadtests.bench.processes import MODEL, Running, process, running
from loadtests.measure import LoadTestError

HERE = Path(__file__).parent
TEXTS: list[str] = json.loads((HERE / "data/texts.json").read_text())
START_S = 180
_BLOCK = 100
_NAMES = {"builtin": "The built-in model", "distilbert": "A model of DistilBERT's size, untrained"}


async def measure(both: Running, *, rounds: int, clients: int, seconds: float) -> Raw:
    """Ask both in turn, another one first in each round."""
    raw = Raw(characters=[len(text) for text in TEXTS[:_BLOCK]])
    triton, gateway = Triton(both, TEXTS), Gateway(both, TEXTS)
    paths: list[Caller] = [triton, gateway]
    for path in paths:
        await one_client(path, 2 * _BLOCK)  # warm up
    before = stages(get(both, "/metrics"))
    for turn in range(rounds):
        for path in paths[:: 1 if turn % 2 else -1]:
            raw.one_client_s[path.name] += await one_client(path, _BLOCK)
    raw.stages = {
        name: (total - before[name][0], count - before[name][1])
        for name, (total, count) in stages(get(both, "/metrics")).items()
    }
    for path in paths:
        await many_clients(path, clients, seconds)
    for turn in range(rounds):
        for path in paths[:: 1 if turn % 2 else -1]:
            used = _cpu(both)
            raw.saturated_per_s[path.name].append(await many_clients(path, clients, seconds))
            raw.add_cpu(path.name, {name: now - used[name] for name, now in _cpu(both).items()}, seconds)
    await triton.close()
    return raw


def _cpu(both: Running) -> dict[str, float]:
    return {
        "Triton": cpu.seconds(both.triton_pid),
        "the gateway": cpu.seconds(both.gateway_pid),
        "the caller": time.process_time(),
    }


def get(both: Running, path: str) -> str:
    """What the gateway answers without a token."""
    url = f"https://{LOOPBACK}:{both.gateway_port}{path}"
    with urlopen(url, context=both.credentials.tls(), timeout=10) as answer:
        return str(answer.read().decode())


def wait(both: Running) -> None:
    """Until the gateway is ready, which it is when Triton is too."""
    ends = time.monotonic() + START_S
    while True:
        try:
            get(both, "/readyz")
            return
        except (HTTPError, URLError, ssl.SSLError, ConnectionError):
            if time.monotonic() > ends:
                raise LoadTestError(
                    "The processes did not get ready: run this with --keep and see their logs."
                ) from None
            time.sleep(0.5)


def main() -> int:
    """Measure and report; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.bench_gateway", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=8, help=f"rounds of {_BLOCK} requests, and of --seconds, each way"
    )
    parser.add_argument("--clients", type=int, default=64, help="how many ask at once at saturation")
    parser.add_argument("--seconds", type=float, default=4.0, help="how long in each round")
    parser.add_argument("--output", type=Path, help="file for the raw data (default: loadtests/results/…)")
    parser.add_argument("--keep", type=Path, help="folder to make for logs, and to leave")
    options = parser.parse_args()
    found: dict[str, Raw] = {}
    with tempfile.TemporaryDirectory(dir=HERE.parent / "build") as temporary:
        folder = (options.keep or Path(temporary)).absolute()
        try:
            folder.mkdir(exist_ok=True)
            for name, model in _models(folder):
                (folder / name).mkdir()
                with running(folder / name, model=model) as both:
                    wait(both)
                    found[name] = uvloop.run(
                        measure(both, rounds=options.rounds, clients=options.clients, seconds=options.seconds)
                    )
                sys.stdout.write(f"\n### {_NAMES[name]}\n{report(found[name], clients=options.clients)}\n")
                sys.stdout.flush()
        except LoadTestError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    now = datetime.now(UTC)
    output = options.output or HERE / f"results/{now:%Y-%m-%d}-bench-gateway.json"
    machine = {"cores": os.cpu_count(), "load": os.getloadavg()}
    raw = {name: vars(each) for name, each in found.items()}
    output.write_text(json.dumps({"time": now.isoformat(), **machine, "models": raw}) + "\n")
    sys.stdout.write(f"\nRaw data: {output}\n")
    return 0


def _models(folder: Path) -> Iterator[tuple[str, Path]]:
    """What Triton serves, by name; one is made in `folder`, by a process of its own so that no torch stays in the caller's."""
    yield "builtin", MODEL
    made = folder / "model"
    command = [sys.executable, "-m", "loadtests.bench.distilbert", str(made)]
    with process(folder, "distilbert", command, {}) as making:
        if making.wait() != 0:
            raise LoadTestError(
                "The model of DistilBERT's size could not be made: run this with --keep and see its log."
            )
    yield "distilbert", made


if __name__ == "__main__":
    sys.exit(main())
