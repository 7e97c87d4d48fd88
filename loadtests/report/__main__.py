"""`python -m loadtests.report FILE...`: the report once more from raw data, of one run or of several side by side."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from loadtests.comparison import Raw
from loadtests.measure import LoadTestError
from loadtests.report import write


def main(arguments: Sequence[str]) -> int:
    """Exit status 0, or 1 after one sentence."""
    parser = argparse.ArgumentParser(prog="python -m loadtests.report", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="report.json of a run, here or elsewhere")
    parser.add_argument("--raw", type=Path, help="raw data of `make bench`, for the machine's limit in the plots")
    parser.add_argument("--output", type=Path, default=Path("reports/loadtest"), help="(default: %(default)s)")
    options = parser.parse_args(arguments)
    try:
        raws = [_read(file) for file in options.files]
        sys.stdout.write(write(raws, options.output, limit=options.raw))
    except LoadTestError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _read(file: Path) -> Raw:
    try:
        return Raw.from_json(file.read_text())
    except (OSError, LoadTestError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise LoadTestError(f"{file}: {reason}") from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
