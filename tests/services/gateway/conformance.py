"""Asks a running gateway everything that its OpenAPI document describes, right and wrong, and checks every answer."""

import json
import subprocess
import sys
from pathlib import Path

from tests.services.gateway.harness import Harness

SCOPES = "classify deidentify audit:read"
_ACCEPTED = '["2xx", "401", "403", "404", "429", "503"{more}]'
# Which tensors agree with their shapes, and with the header that says where they begin, no schema can say.
_CONFIGURATION = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "4xx", "503"]

[checks.positive_data_acceptance]
expected-statuses = {texts}

[[operations]]
include-path = "/v2/models/{{model}}/infer"

[operations.checks.positive_data_acceptance]
expected-statuses = {tensors}
"""


def document() -> str:
    """The gateway's OpenAPI document."""
    return json.dumps(Harness(docs=True).app().openapi())


def check(url: str, *, token: str, folder: Path, real: bool, examples: int = 20) -> None:
    """Every check of schemathesis on the gateway at `url`; AssertionError with its report where one fails.

    A `real` gateway refuses texts in other languages, as which generated ones are taken.
    """
    described, configuration = folder / "openapi.json", folder / "schemathesis.toml"
    described.write_text(document())
    texts = _ACCEPTED.format(more=', "422"' if real else "")
    tensors = _ACCEPTED.format(more=', "400", "422"')
    configuration.write_text(_CONFIGURATION.format(texts=texts, tensors=tensors))
    program = Path(sys.executable).with_name("schemathesis")
    result = subprocess.run(
        [
            *(str(program), f"--config-file={configuration}", "run", str(described), f"--url={url}", "--checks=all"),
            *(f"--header=Authorization: Bearer {token}", f"--max-examples={examples}", "--seed=1", "--no-color"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
