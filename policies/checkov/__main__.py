"""`python -m policies.checkov`: have Checkov look at a stack, and hold what it finds against accepted.yaml.

Without a state, the stack is applied to an emulated account first. With `--state`, a file that `pulumi stack export`
wrote of a stack that is really there is looked at instead. Exit status: 0 every finding is accepted; 1 one is open, or
an entry of accepted.yaml is not needed; 2 unusable input.
"""

import argparse
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

from local.errors import LocalError
from local.paths import REPO
from policies.checkov.accepted import ACCEPTED_FILE, load_accepted
from policies.checkov.emulated import applied_state
from policies.checkov.report import Report, judge, lines, to_json
from policies.checkov.scan import Checkov, run_checkov, scan
from policies.checkov.state import read_state
from policies.errors import PolicyError

SEEN = "checkov"
"""Folder beside the report: the plan and the manifests that Checkov read."""


def main(
    arguments: list[str] | None = None, *, checkov: Checkov = run_checkov, accepted_file: Path = ACCEPTED_FILE
) -> int:
    """Scan, write checkov.json, print the summary; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        accepted = load_accepted(accepted_file)
        state = options.state.read_text() if options.state else applied_state(options.stack, _say)
        folder = options.output or REPO / "reports" / options.stack
        shutil.rmtree(folder / SEEN, ignore_errors=True)
        found = scan(read_state(state), folder / SEEN, checkov)
        report = judge(found, accepted, stack=options.stack, today=datetime.now(UTC).date())
        path = _write(report, folder)
    except (PolicyError, LocalError, OSError) as error:
        print(f"checkov: {error}", file=sys.stderr)
        return 2
    print(*lines(report), f"report: {path}", sep="\n")
    return 0 if report.clean() else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="policies.checkov", description="Have Checkov look at a stack.")
    parser.add_argument("--stack", required=True, help="dev or prod; with --state, any name")
    parser.add_argument("--state", type=Path, help="what `pulumi stack export` wrote of a stack that was deployed")
    parser.add_argument("--output", type=Path, help="folder for checkov.json (default: reports/STACK)")
    return parser


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def _write(report: Report, folder: Path) -> Path:
    """The file whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "checkov.json"
    fresh = folder / ".checkov.json.new"
    fresh.write_text(to_json(report))
    return fresh.replace(path)


if __name__ == "__main__":
    sys.exit(main())
