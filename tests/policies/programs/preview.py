"""A preview of a program that is not ours, by the real engine with the policy pack; nothing is contacted or made."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local import toolchain
from local.errors import LocalError
from local.paths import REPO

HERE = Path(__file__).parent
HOSTS = {"python": "pulumi-language-python", "yaml": "pulumi-language-yaml"}


@dataclass(frozen=True)
class Preview:
    """How the engine ended, what it printed, and the results that the pack recorded."""

    status: int
    output: str
    results: tuple[dict[str, str], ...]

    def violations(self) -> dict[str, list[str]]:
        """By rule, the resources that violate it, as the rules call them."""
        found: dict[str, list[str]] = {}
        for line in self.results:
            if line["outcome"] == "violation":
                found.setdefault(line["rule"], []).append(_label(line["urn"]))
        return {rule: sorted(found[rule]) for rule in sorted(found)}


def preview(program: str, folder: Path) -> Preview:
    """Preview one of the programs here in a new folder; raises LocalError where no stack can be made."""
    folder.mkdir()
    project = shutil.copytree(HERE / program, folder / "project")
    results = folder / "results.jsonl"
    environment = _environment(folder) | {"POLICY_RESULTS": str(results)}

    def pulumi(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(toolchain.path("pulumi")), *arguments, "--non-interactive", "--color", "never"]
        return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True)

    made = pulumi("stack", "init", "dev")
    if made.returncode:
        raise LocalError(f"The stack of {program} cannot be made: {made.stderr}")
    done = pulumi("preview", "--stack", "dev", "--policy-pack", str(REPO / "policies"))
    lines = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    recorded = tuple(line for line in lines if line["kind"] == "result")
    return Preview(done.returncode, done.stdout + done.stderr, recorded)


def _environment(folder: Path) -> dict[str, str]:
    """Everything of the engine's in the folder; its language hosts and our providers on PATH."""
    tools, backend = folder / "tools", folder / "backend"
    tools.mkdir()
    backend.mkdir()
    for package in ("aws", "kubernetes"):
        plugin = tools / f"pulumi-resource-{package}"
        plugin.write_text(
            f"#!/bin/sh\nPYTHONPATH='{REPO}' exec '{sys.executable}' '{HERE / 'provider.py'}' {package}\n"
        )
        plugin.chmod(0o755)
    folders = [
        tools,
        *dict.fromkeys(toolchain.path(host).parent for host in HOSTS.values()),
        Path(sys.executable).parent,
    ]
    return os.environ | {
        "PATH": os.pathsep.join([*map(str, folders), os.environ["PATH"]]),
        "PULUMI_HOME": str(folder / "home"),
        "PULUMI_BACKEND_URL": f"file://{backend}",
        "PULUMI_CONFIG_PASSPHRASE": "test",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
    }


def _label(urn: str) -> str:
    *_, kinds, name = urn.split("::")
    return f"{kinds.rpartition('$')[2].rpartition(':')[2]} {name}"
