"""`python -m services.gateway.audit verify|serve|collect`: check records, offer them to the collector, collect them."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from services.gateway import logs
from services.gateway.audit import collector, outlet
from services.gateway.audit.verify import anchors, verify


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.gateway.audit", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    check = commands.add_parser(
        "verify", help="check chains of records; exit code 1 and the first fault where one is broken"
    )
    check.add_argument("paths", nargs="+", type=Path, metavar="FILE|DIR", help="segments, or folders with them")
    check.add_argument(
        "--anchors", action="append", default=[], type=Path, metavar="LOG", help="operational log with anchors"
    )
    check.add_argument(
        "--partial",
        action="store_true",
        help="earlier records are elsewhere, as those of a pod's volume are in the archive",
    )
    commands.add_parser("serve", help="offer a volume's records to the collector, over mutual TLS")
    commands.add_parser("collect", help="fetch records from every gateway and put them into the archive")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 2 where something can't be read."""
    parsed = _parser().parse_args(arguments)
    if parsed.command == "verify":
        return _verify(parsed.paths, parsed.anchors, partial=parsed.partial)
    logs.configure()
    return {"serve": outlet.main, "collect": collector.main}[parsed.command]()


def _verify(paths: Sequence[Path], logs_with_anchors: Sequence[Path], *, partial: bool) -> int:
    try:
        known = list(anchors(path.read_text(errors="replace") for path in logs_with_anchors))
        report = verify(paths, known=known, partial=partial)
    except OSError as error:
        sys.stderr.write(f"{error.filename} can't be read: {error.strerror}.\n")
        return 2
    for fault in report.faults:
        sys.stderr.write(f"{fault}\n")
    if report.faults:
        return 1
    chains = report.chains.values()
    if not chains:
        sys.stderr.write("No record was found: name the files or folders that hold some.\n")
        return 2
    sys.stdout.write(f"{report.records} records in {len(chains)} chains are whole; {len(known)} anchors hold.\n")
    for chain in chains:
        if not chain.complete:
            last = chain.lines[-1].head
            sys.stdout.write(
                f"{chain.name} goes to record {last.sequence} without an end record: its gateway runs or was killed, "
                "or records were cut off, which only anchors show.\n"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
