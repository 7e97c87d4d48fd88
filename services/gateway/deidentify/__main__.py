"""`python -m services.gateway.deidentify`: JSON lines {"text"} on standard input, {"text", "spans"} on standard output.

`text` of the answer is de-identified as the policy says, spans count characters of the input. There is one line of output for
each line of input, written at once. A line that can't be done gives {"error"} in its place, and exit code 1 at the end.
"""

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from services.gateway.deidentify import Engine, LanguageRefused
from services.gateway.deidentify.engine import TextEngine
from services.gateway.deidentify.policy import DEFAULT_POLICY, PolicyError, load_key, load_policy

_NOT_A_LINE = 'not a JSON object {"text": "…"} in UTF-8'


def run(engine: Engine, lines: Iterable[bytes], *, output: TextIO) -> int:
    """De-identify every line; the exit code."""
    code = 0
    for number, line in enumerate(lines, start=1):
        answer = _answer(engine, line)
        if "error" in answer:
            answer["error"] = f"line {number}: {answer['error']}"
            code = 1
        output.write(json.dumps(answer) + "\n")
        output.flush()
    return code


def _answer(engine: Engine, line: bytes) -> dict[str, Any]:
    try:
        text = json.loads(line.decode("utf-8"))["text"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"error": _NOT_A_LINE}
    if not isinstance(text, str):
        return {"error": _NOT_A_LINE}
    try:
        found = engine.deidentify(text)
    except LanguageRefused:
        return {"error": "not in English, so it can't be de-identified"}
    except Exception:  # whatever it is, it must not quote the text, and the next line may be fine
        return {"error": "could not be de-identified"}
    spans = [{"start": span.start, "end": span.end, "type": span.type} for span in found.spans]
    return {"text": found.text, "spans": spans}


def main(arguments: list[str] | None = None) -> int:
    """Run on standard input; exit code 2 where policy or key can't be used."""
    parser = argparse.ArgumentParser(prog="python -m services.gateway.deidentify", description=__doc__)
    parser.add_argument(
        "--policy", type=Path, default=DEFAULT_POLICY, help="policy file (default: Safe Harbor, by type)"
    )
    parser.add_argument("--key", type=Path, help="key file of surrogates and date shifts")
    options = parser.parse_args(arguments)
    try:
        engine = TextEngine(load_policy(options.policy), key=load_key(options.key) if options.key else None)
    except PolicyError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return run(engine, sys.stdin.buffer, output=sys.stdout)


if __name__ == "__main__":
    sys.exit(main())
