"""`python -m model_build.deid generate|train|evaluate`."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from model_build.errors import BuildError


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 1 with one sentence on standard error."""
    options = _parser().parse_args(arguments)
    try:
        {"generate": _generate, "train": _train, "evaluate": _evaluate}[options.command](options)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model_build.deid", description="De-identification: data and model."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    generate = commands.add_parser("generate", help="print synthetic texts with their identifiers as JSON lines")
    generate.add_argument("--seed", type=int, default=0)
    generate.add_argument("--count", type=int, default=10)
    generate.add_argument("--part", choices=("tune", "report"), default="tune")
    train = commands.add_parser("train", help="learn the recogniser again and write its model")
    train.add_argument("--output", type=Path, default=None, help="folder (default: where the gateway reads it)")
    train.add_argument("--texts", type=int, default=None, help="fewer generated texts, for a trial")
    evaluate = commands.add_parser("evaluate", help="measure the gateway's engine beside Presidio's defaults")
    evaluate.add_argument("--count", type=int, default=3_000, help="generated texts (default %(default)s)")
    evaluate.add_argument("--part", choices=("tune", "report"), default="report")
    evaluate.add_argument("--systems", default="gateway,presidio", help="also: recogniser (default %(default)s)")
    evaluate.add_argument("--output", type=Path, default=Path("reports/deidentification.json"))
    evaluate.add_argument(
        "--misses", action="store_true", help="print the first system's errors; with --part tune only"
    )
    return parser


def _generate(options: argparse.Namespace) -> None:
    from model_build.deid.generate import examples

    for example in examples(options.seed, options.count, options.part):
        print(json.dumps({"text": example.text, "spans": [asdict(span) for span in example.spans]}, ensure_ascii=False))


def _train(options: argparse.Namespace) -> None:
    from model_build.deid.build import build

    build(output=options.output, texts=options.texts, say=lambda line: print(f"deid: {line}", flush=True))


def _evaluate(options: argparse.Namespace) -> None:
    from model_build.deid import evaluate
    from model_build.deid.systems import SYSTEMS

    names = options.systems.split(",")
    if options.misses and options.part == "report":
        raise BuildError("The report part is for measuring only: look at errors with --part tune.")
    if unknown := set(names) - set(SYSTEMS):
        raise BuildError(f"There is no system {min(unknown)}: choose among {', '.join(SYSTEMS)}.")
    if options.misses:
        _, find = SYSTEMS[names[0]]()
        for texts in evaluate.texts(options.count, options.part).values():
            print("\n".join(evaluate.misses(find, texts)))
        return
    found = evaluate.evaluate(names, options.count, options.part)
    evaluate.write(found, options.output, options.part)
    print(evaluate.markdown(found))


if __name__ == "__main__":
    raise SystemExit(main())
