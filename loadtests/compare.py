"""`python -m loadtests.compare`: measure the paths in turn and report them side by side."""

import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from loadtests.capacity import Objective
from loadtests.comparison import Plan, Raw, compare, machine, texts
from loadtests.measure import PROFILES, SCRIPTS, LoadTestError
from loadtests.report import write
from loadtests.targets import Target
from loadtests.targets.cluster import Cluster
from loadtests.targets.processes import MODEL, running
from loadtests.targets.stack import Stack

REPO = Path(__file__).parents[1]
VERDICTS = ("stress", "soak", "spike")
"""Profiles that pass or fail. With the others a broken threshold is a finding: it is how the limit is found."""


def parser() -> argparse.ArgumentParser:
    """Of this command; `python -m local loadtest` hands its arguments on to it."""
    made = argparse.ArgumentParser(prog="python -m loadtests.compare", description="Compare the paths to a prediction.")
    made.add_argument("--profile", choices=["compare", *PROFILES], default="compare", help="(default: %(default)s)")
    made.add_argument("--rounds", type=int, default=3, help="how often each is measured (default: %(default)s)")
    made.add_argument("--seconds", type=float, help="how long each time (default: the profile's)")
    made.add_argument("--rate", type=float, help="requests a second for soak, stress and spike")
    made.add_argument("--p95-ms", type=float, default=50.0, help="the objective (default: %(default)s)")
    made.add_argument("--paths", nargs="+", choices=list(SCRIPTS), help="some paths only")
    made.add_argument("--processes", action="store_true", help="start the services as processes; needs no stack")
    made.add_argument("--threads", type=int, default=1, help="of an inference, with --processes (default: %(default)s)")
    made.add_argument("--model", type=Path, default=MODEL, help="the built model, with --processes")
    made.add_argument(
        "--in-cluster",
        nargs="?",
        metavar="IMAGE",
        const=os.environ.get("LOADTEST_IMAGE", ""),
        help="load the gateway by a Job in the cluster, with this image of k6 (default: LOADTEST_IMAGE)",
    )
    made.add_argument("--keep", type=Path, help="folder to make for the processes' logs, and to leave")
    made.add_argument("--raw", type=Path, help="raw data of `make bench`, for the machine's limit in the plots")
    made.add_argument("--output", type=Path, default=REPO / "reports/loadtest", help="folder of the report")
    return made


def main(arguments: Sequence[str]) -> int:
    """Exit status 0, or 1 after one sentence: nothing is written unless every run could be made, and after the report where
    a threshold of VERDICTS broke.
    """
    options = parser().parse_args(arguments)
    if options.rounds < 1:
        parser().error("--rounds must be at least 1")
    objective = Objective(p95_ms=options.p95_ms)
    plan = Plan(
        profile=options.profile,
        rounds=options.rounds,
        objective=objective,
        rate=options.rate,
        seconds=options.seconds,
        paths=options.paths,
    )
    before = machine()
    try:
        with _target(options) as target:
            raw = Raw(
                time=datetime.now(UTC).isoformat(timespec="seconds"),
                command=shlex.join(["python", "-m", "loadtests.compare", *arguments]),
                target=target.name,
                machine=before,
                objective=objective,
                texts=texts(),
            )
            compare(plan, target, raw, say=_say, run=target.measure if isinstance(target, Cluster) else None)
        sys.stdout.write(write([raw], options.output, limit=options.raw))
        if options.profile in VERDICTS:
            for measured in raw.measured:
                measured.run.demand()
    except LoadTestError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


@contextmanager
def _target(options: argparse.Namespace) -> Iterator[Target]:
    (REPO / "build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=REPO / "build") as temporary:
        folder = (options.keep or Path(temporary)).absolute()
        folder.mkdir(exist_ok=True)
        if options.processes:
            with running(folder, threads=options.threads, model=options.model) as processes:
                yield processes
        elif options.in_cluster is not None:
            yield Cluster(options.in_cluster)
        else:
            yield Stack(folder)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
