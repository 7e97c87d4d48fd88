"""`python -m policies.report`: write the report, in all of its formats, from what the policy pack recorded.

Exit status: 0 nothing mandatory is violated, nothing of a finished stack is unknown, and no waiver or attestation has
expired; 1 otherwise; 2 unusable input, of which nothing is written.
"""

import argparse
import sys
from pathlib import Path

from policies.attestations import ATTESTATIONS_FILE, load_attestations
from policies.controls import IN_FORCE
from policies.errors import PolicyError
from policies.outcomes import Outcome
from policies.profiles import load_profile
from policies.report.files import write_files
from policies.report.formats import FORMATS
from policies.report.model import Report, build
from policies.report.results import read_run
from policies.report.rules import label
from policies.report.summary import summarise
from policies.rules import RULES


def main(arguments: list[str] | None = None) -> int:
    """Write the report and print its summary; returns the exit status."""
    options = _parser().parse_args(arguments)
    try:
        report = _build(options)
        write_files(options.output, {name: write(report) for name, write in FORMATS.items()})
    except PolicyError as error:
        print(f"policy-report: {error}", file=sys.stderr)
        return 2
    _print(report, options.output)
    return 0 if report.passed() else 1


def _build(options: argparse.Namespace) -> Report:
    profile = load_profile(options.profile)
    return build(
        read_run(options.results, stack=options.stack),
        RULES,
        profile,
        load_attestations(options.attestations, profile.controls),
        stack=options.stack,
        applied=options.applied,
        emulated_aws=options.emulated_aws or options.stack == "local",
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="policies.report", description="Write the HIPAA report of one run.")
    parser.add_argument("--results", type=Path, required=True, help="what the pack recorded (its POLICY_RESULTS)")
    parser.add_argument("--stack", required=True, help="the stack that was looked at")
    parser.add_argument("--output", type=Path, required=True, help="the folder for the report's files")
    parser.add_argument("--applied", action="store_true", help="the stack is applied: unknown outcomes fail")
    parser.add_argument("--profile", default=IN_FORCE, help="the version of the rule (default: the one in force)")
    parser.add_argument("--attestations", type=Path, default=ATTESTATIONS_FILE, help="what people signed for")
    parser.add_argument("--emulated-aws", action="store_true", help="AWS was emulated (always so for the stack local)")
    return parser


def _print(report: Report, folder: Path) -> None:
    for item in report.rules:
        for result in item.results:
            if result.outcome in (Outcome.VIOLATION, Outcome.UNKNOWN):
                print(f"{result.outcome.value:9} {item.rule.name}  {label(result)}: {result.message}")
    summary = summarise(report)
    print(summary.headline)
    for point in summary.points:
        print(f"{point.count:5}  {point.state.value}: {point.text}")
    print(f"report: {folder / 'report.html'}")


if __name__ == "__main__":
    sys.exit(main())
