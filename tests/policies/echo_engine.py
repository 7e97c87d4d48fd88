"""The real engine with a program and plugins that take any resource, apart from everything of the user's."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from local import toolchain
from local.paths import REPO
from tests.policies.world import World

HERE = Path(__file__).parent
PACK = ("--policy-pack", str(REPO / "policies"))
CREATED, RESULTS, EVENTS = "created.txt", "results.jsonl", "events.jsonl"


@dataclass
class Engine:
    """A stack `dev` of a program of one file, with a file backend and nothing shared with the user's Pulumi."""

    directory: Path
    environment: dict[str, str]

    @classmethod
    def prepare(cls, directory: Path) -> "Engine":
        """A project in this folder, with two plugins that accept everything."""
        tools = directory / "tools"
        tools.mkdir()
        for package in ("aws", "kubernetes"):
            plugin = tools / f"pulumi-resource-{package}"
            plugin.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{HERE / 'echo_provider.py'}'\n")
            plugin.chmod(0o755)
        (directory / "backend").mkdir()
        shutil.copyfile(HERE / "echo_program.py", directory / "__main__.py")
        runtime = {"name": "python", "options": {"virtualenv": str(REPO / ".venv")}}
        (directory / "Pulumi.yaml").write_text(json.dumps({"name": "echo", "runtime": runtime}))
        own = {
            "PATH": f"{tools}{os.pathsep}{toolchain.path('pulumi').parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(directory / "home"),
            "PULUMI_BACKEND_URL": f"file://{directory / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",  # all are in place: nobody looks for newer ones
            "PULUMI_DEBUG_COMMANDS": "true",  # --event-log hides behind it
            "POLICY_RESULTS": str(directory / RESULTS),
            "ECHO_CREATED": str(directory / CREATED),
        }
        made = cls(directory, os.environ | own)
        made.run("stack", "init", "dev").check_returncode()
        return made

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `pulumi` with these arguments."""
        return subprocess.run(
            [toolchain.path("pulumi"), *arguments, "--non-interactive", "--color", "never"],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
        )

    def make(self, world: World) -> None:
        """Let the program register these resources."""
        (self.directory / "resources.json").write_text(json.dumps(world))

    def up(self, world: World, *options: str, pack: bool = True) -> subprocess.CompletedProcess[str]:
        """`pulumi up` of these resources with the policy pack, or without."""
        self.make(world)
        log = ("--event-log", str(self.directory / EVENTS))
        return self.run("up", "--yes", "--stack", "dev", *(PACK if pack else ()), *log, *options)

    def lines(self, name: str) -> list[str]:
        """The lines of a file that the run wrote; none where it wrote none."""
        path = self.directory / name
        return path.read_text().splitlines() if path.exists() else []

    def stopped_by(self) -> set[str]:
        """The policies that the engine reported as violated and mandatory."""
        events = [json.loads(line).get("policyEvent") for line in self.lines(EVENTS)]
        return {event["policyName"] for event in events if event and event["enforcementLevel"] == "mandatory"}
