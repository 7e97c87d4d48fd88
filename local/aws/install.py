"""The plugin as the engine finds it: an executable in the plugin folder of a PULUMI_HOME of our own."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from local.aws import PROVIDER_VERSION
from local.errors import LocalError
from local.paths import REPO

_NAME = "pulumi-resource-aws"


def install(pulumi_home: Path, *, pulumi: Path) -> None:
    """Make `resource aws` of this PULUMI_HOME the emulator's plugin; one that is there already is brought up to date.

    Raises LocalError for the user's own ~/.pulumi, whose plugin is the real one, and where the CLI refuses.
    """
    if pulumi_home.resolve() == (Path.home() / ".pulumi").resolve():
        raise LocalError(f"{pulumi_home} is your own: give the local stack a PULUMI_HOME of its own.")
    folder = pulumi_home / "plugins" / f"resource-aws-v{PROVIDER_VERSION}"
    script = _script()
    if (folder / _NAME).is_file() and (folder / _NAME).read_text() == script:
        return
    pulumi_home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        plugin = Path(scratch) / _NAME
        plugin.write_text(script)
        plugin.chmod(0o755)
        done = subprocess.run(
            [
                str(pulumi),
                "plugin",
                "install",
                "resource",
                "aws",
                PROVIDER_VERSION,
                "--reinstall",
                "--file",
                str(plugin),
            ],
            env={**os.environ, "PULUMI_HOME": str(pulumi_home), "PULUMI_SKIP_UPDATE_CHECK": "true"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise LocalError(f"The AWS plugin could not be installed: {' '.join(done.stderr.split())}")


def _script() -> str:
    python = REPO / ".venv" / "bin" / "python"
    return f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(REPO))} exec {shlex.quote(str(python))} -m local.aws "$@"\n'
