"""`python -m policies.bench`: how long the policy pack takes for a resource, and how much longer a preview with it.

Previews run with the pack and without, in turns, so that whatever else the machine does meets both. Keeps the raw data.
"""

import argparse
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from local.errors import LocalError
from local.paths import REPO
from policies.bench.measure import Timed, echoed, judged, previewed
from policies.rules import RULES

SIZES = (100, 1_000, 10_000)
ECHOED = (100, 1_000)
STACK = "dev"


def measure(folder: Path, rounds: int) -> dict[str, object]:
    """Everything, as raw data: seconds."""
    alone = {size: [judged(size, folder) for _ in range(rounds)] for size in SIZES}
    echo = {size: echoed(size, folder / f"echo-{size}", rounds) for size in ECHOED}
    resources, program = previewed(STACK, folder / "program", rounds)
    return {"rules": len(RULES), "alone_s": alone, "echo_s": echo, "program_resources": resources, "program_s": program}


def report(raw: dict[str, object]) -> str:
    """Two tables in Markdown."""
    alone, echo, program = raw["alone_s"], raw["echo_s"], raw["program_s"]
    assert isinstance(alone, dict)
    assert isinstance(echo, dict)
    assert isinstance(program, dict)
    rows = [
        f"| {size:,} | {median(seconds):.2f} | {median(seconds) / size * 1000:.2f} |" for size, seconds in alone.items()
    ]
    previews = [(f"{size:,} resources, provider that only answers", timed) for size, timed in echo.items()]
    previews.append((f"this program, stack {STACK}, {raw['program_resources']} resources", program))
    return "\n".join(
        [
            f"| resources, {raw['rules']} rules | processor, s | ms a resource |",
            "|--:|--:|--:|",
            *rows,
            "",
            "| preview of | without the pack, s | with it, s | ratio |",
            "|---|--:|--:|--:|",
            *(_row(name, timed) for name, timed in previews),
        ]
    )


def _row(name: str, timed: Timed) -> str:
    without, with_it = median(timed["without"]), median(timed["with"])
    return f"| {name} | {without:.1f} | {with_it:.1f} | **{with_it / without:.2f}** |"


def main() -> int:
    """Measure and report; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m policies.bench", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often everything is timed")
    parser.add_argument("--output", type=Path, help="file for the raw data (default: loadtests/results/…)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=REPO / "build") as folder:
        try:
            raw = measure(Path(folder), options.rounds)
        except LocalError as error:
            sys.stderr.write(f"{error}\n")
            return 1
    now = datetime.now(UTC)
    output = options.output or REPO / "loadtests" / "results" / f"{now:%Y-%m-%d}-bench-policies.json"
    machine = {"time": now.isoformat(), "cores": os.cpu_count(), "load": os.getloadavg()}
    output.write_text(json.dumps({**machine, **raw}) + "\n")
    sys.stdout.write(f"{report(raw)}\n\nRaw data: {output}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
