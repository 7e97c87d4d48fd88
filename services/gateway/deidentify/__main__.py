"""`python -m services.gateway.deidentify`: JSON lines {"text"} on standard input, {"text", "spans"} on standard output.

`text` is de-identified; spans count characters of the input. A text that isn't in English gives {"error"}, and exit
code 1 at the end; a line that isn't {"text": "…"} ends the command.
"""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from typing import TextIO

from services.gateway.deidentify import Engine, LanguageRefused
from services.gateway.deidentify.presidio import PresidioEngine


def run(engine: Engine, lines: Iterable[str], *, output: TextIO, errors: TextIO) -> int:
    """De-identify every line; the exit code."""
    code = 0
    for number, line in enumerate(lines, start=1):
        try:
            text = json.loads(line)["text"]
            found = engine.deidentify(text)
        except LanguageRefused:
            output.write(json.dumps({"error": "not in English"}) + "\n")
            code = 1
            continue
        except (ValueError, KeyError, TypeError):
            errors.write(f'Line {number} is not a JSON object {{"text": "…"}}: correct it and run again.\n')
            return 1
        output.write(json.dumps({"text": found.text, "spans": [asdict(span) for span in found.spans]}) + "\n")
    return code


if __name__ == "__main__":
    sys.exit(run(PresidioEngine(), sys.stdin, output=sys.stdout, errors=sys.stderr))
