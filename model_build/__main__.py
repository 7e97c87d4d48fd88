"""`python -m model_build`: build the model that both servers serve."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from local.paths import CACHE
from model_build.build import build
from model_build.errors import BuildError
from model_build.targets import TARGETS

_TARGETS_HELP = (
    "cpu (default): INT8 for every processor; cpu-vnni: more exact, only with VNNI; gpu: FP16 besides; gpu-tensorrt"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """0 and one last line with the version and the time it took, or 1 and one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="python -m model_build", description="Build a Triton model repository.")
    parser.add_argument("--source", default="builtin", help="builtin (default), hub:<id>@<commit>, or a folder")
    parser.add_argument("--output", type=Path, default=Path("build/model"), help="link to it (default %(default)s)")
    parser.add_argument("--target", choices=TARGETS, default="cpu", help=_TARGETS_HELP)
    parser.add_argument(
        "--beside", type=Path, help="a built model, served with this one: as version 1 beside version 2"
    )
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        result = build(
            options.source,
            output=options.output,
            cache=CACHE,
            progress=_say,
            target=TARGETS[options.target],
            beside=options.beside,
        )
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    how = "built" if result.built else "found in the cache"
    _say(f"sentiment {result.version} {how} in {time.monotonic() - started:.1f} s: {options.output}")
    return 0


def _say(text: str) -> None:
    print(f"model: {text}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
