"""`python -m loadtests.compare`: measure the three paths in turn and report them side by side."""

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from loadtests.measure import SCRIPTS, LoadTestError, Run, measure

_REFERENCE = "fastapi-svc"
_FIGURES = ("p50_ms", "p95_ms", "requests_per_s")

Report = dict[str, object]


def measure_all(rounds: int, measure_path: Callable[[str], Run]) -> dict[str, list[Run]]:
    """Measure every path once a round, starting with another path in each, so that no path always runs first."""
    paths = list(SCRIPTS)
    runs: dict[str, list[Run]] = {path: [] for path in paths}
    for turn in range(rounds):
        start = turn % len(paths)
        for path in paths[start:] + paths[:start]:
            runs[path].append(measure_path(path))
    return runs


def report(runs: Mapping[str, Sequence[Run]], *, profile: str) -> Report:
    """The median of the rounds for each path and figure, its ratio to FastAPI's, and every single run."""
    medians = {
        path: {figure: statistics.median(getattr(run, figure) for run in measured) for figure in _FIGURES}
        for path, measured in runs.items()
    }
    reference = medians[_REFERENCE]
    return {
        "profile": profile,
        "rounds": len(runs[_REFERENCE]),
        "paths": {
            path: {
                **figures,
                "ratios": {figure: figures[figure] / reference[figure] for figure in _FIGURES},
                "runs": [asdict(run) for run in runs[path]],
            }
            for path, figures in medians.items()
        },
    }


def markdown(made: Report) -> str:
    """The report as a table."""
    lines = [
        f"Profile `{made['profile']}`, median of {made['rounds']} rounds; ratios are to {_REFERENCE}.",
        "",
        "| path | p50 ms | ratio | p95 ms | ratio | requests/s | ratio |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    paths = made["paths"]
    assert isinstance(paths, dict)
    for path, figures in paths.items():
        cells = [f"{figures[figure]:.1f} | {figures['ratios'][figure]:.2f}" for figure in _FIGURES]
        lines.append(f"| {path} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str]) -> int:
    """Exit status 0, or 1 after one sentence; nothing is written unless every run was without error."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.compare", description="Compare the three paths.")
    parser.add_argument("--profile", choices=["smoke", "latency"], default="latency")
    parser.add_argument("--rounds", type=int, default=3, help="how often each path is measured (default: 3)")
    parser.add_argument("--output", type=Path, default=Path("reports/loadtests"), help="folder of compare.md and .json")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    try:
        runs = measure_all(options.rounds, lambda path: measure(path, profile=options.profile))
    except LoadTestError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    made = report(runs, profile=options.profile)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "compare.json").write_text(json.dumps(made, indent=2) + "\n")
    (options.output / "compare.md").write_text(markdown(made))
    sys.stdout.write(markdown(made))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
