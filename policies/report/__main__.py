"""`python -m policies.report`: write report.html and report.json from what the policy pack recorded.

Exit status: 0 nothing mandatory is violated; 1 a rule is violated or, of a finished stack, unknown; 2 unusable input.
"""

import argparse
import sys
from pathlib import Path

from policies.controls import load_controls
from policies.errors import PolicyError
from policies.report.formats import to_html, to_json
from policies.report.model import LABELS, Report, State, build
from policies.report.results import read_run
from policies.rules import RULES


def main(arguments: list[str] | None = None) -> int:
    """Write the report and print its summary; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        report = build(
            read_run(options.results, stack=options.stack),
            RULES,
            load_controls(),
            stack=options.stack,
            applied=options.applied,
            emulated_aws=options.emulated_aws or options.stack == "local",
        )
        _write(options.output, {"report.html": to_html(report), "report.json": to_json(report)})
    except PolicyError as error:
        print(f"policy-report: {error}", file=sys.stderr)
        return 2
    _print(report, options.output)
    return 0 if report.passed() else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="policies.report", description="Write the HIPAA report of one run.")
    parser.add_argument("--results", type=Path, required=True, help="what the pack recorded (its POLICY_RESULTS)")
    parser.add_argument("--stack", required=True, help="the stack that was previewed or applied")
    parser.add_argument("--output", type=Path, required=True, help="the folder for report.html and report.json")
    parser.add_argument("--applied", action="store_true", help="the run applied the stack: unknown outcomes fail")
    parser.add_argument("--emulated-aws", action="store_true", help="AWS was emulated (always so for the stack local)")
    return parser


def _write(folder: Path, files: dict[str, str]) -> None:
    """Each file whole or not at all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / f".{name}.new").write_text(content)
        for name in files:
            (folder / f".{name}.new").replace(folder / name)
    except OSError as error:
        raise PolicyError(f"{folder} cannot be written ({error.strerror}); name another --output.") from error


def _print(report: Report, folder: Path) -> None:
    states = report.rule_states()
    for item in report.rules:
        for result in item.results:
            if result.outcome.value in ("violation", "unknown"):
                print(f"{result.outcome.value:9} {item.rule.name}  {result.type}::{result.name}: {result.message}")
    counts = ", ".join(f"{states[state]} {LABELS[state].lower()}" for state in State if states[state])
    print(f"{len(report.rules)} rules over {report.resources} resources: {counts}")
    print(f"report: {folder / 'report.html'}")


if __name__ == "__main__":
    sys.exit(main())
