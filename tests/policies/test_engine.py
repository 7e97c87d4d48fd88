"""The pack against the real engine: a program that breaks every rule is stopped, its compliant twin is not."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from local import toolchain
from local.paths import REPO
from policies.rules import RULES
from tests.policies.breaks import BREAKS
from tests.policies.test_services import BY, LACKING, declared
from tests.policies.world import World, load

pytestmark = pytest.mark.engine
HERE = Path(__file__).parent
CREATED, RESULTS, EVENTS = "created.txt", "results.jsonl", "events.jsonl"


@dataclass
class Engine:
    """A stack `dev` of a program of one file, with a file backend and nothing shared with the user's Pulumi."""

    directory: Path
    environment: dict[str, str]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `pulumi` with these arguments."""
        return subprocess.run(
            [toolchain.path("pulumi"), *arguments, "--non-interactive", "--color", "never"],
            cwd=self.directory,
            env=self.environment,
            capture_output=True,
            text=True,
        )

    def up(self, world: World, *options: str) -> subprocess.CompletedProcess[str]:
        """`pulumi up` of these resources with the policy pack."""
        (self.directory / "resources.json").write_text(json.dumps(world))
        return self.run(
            "up",
            "--yes",
            "--stack",
            "dev",
            "--policy-pack",
            str(REPO / "policies"),
            "--event-log",
            str(self.directory / EVENTS),
            *options,
        )

    def lines(self, name: str) -> list[str]:
        """The lines of a file that the run wrote; none where it wrote none."""
        path = self.directory / name
        return path.read_text().splitlines() if path.exists() else []

    def stopped_by(self) -> set[str]:
        """The policies that the engine reported as violated and mandatory."""
        events = [json.loads(line).get("policyEvent") for line in self.lines(EVENTS)]
        return {event["policyName"] for event in events if event and event["enforcementLevel"] == "mandatory"}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A project with two plugins that accept everything."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for package in ("aws", "kubernetes"):
        plugin = tools / f"pulumi-resource-{package}"
        plugin.write_text(f"#!/bin/sh\nexec '{sys.executable}' '{HERE / 'echo_provider.py'}'\n")
        plugin.chmod(0o755)
    (tmp_path / "backend").mkdir()
    shutil.copyfile(HERE / "echo_program.py", tmp_path / "__main__.py")
    runtime = {"name": "python", "options": {"virtualenv": str(REPO / ".venv")}}
    (tmp_path / "Pulumi.yaml").write_text(json.dumps({"name": "echo", "runtime": runtime}))
    made = Engine(
        tmp_path,
        os.environ
        | {
            "PATH": f"{tools}{os.pathsep}{toolchain.path('pulumi').parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(tmp_path / "home"),
            "PULUMI_BACKEND_URL": f"file://{tmp_path / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "test",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # --event-log hides behind it
            "POLICY_RESULTS": str(tmp_path / RESULTS),
            "ECHO_CREATED": str(tmp_path / CREATED),
        },
    )
    assert made.run("stack", "init", "dev").returncode == 0
    return made


def test_every_violated_rule_stops_up_before_anything_is_created(engine: Engine) -> None:
    """`pulumi up` ends with an error that names every rule, and no resource was made."""
    world = load()
    for broken in {item.rule: item for item in reversed(BREAKS)}.values():
        broken.apply(world)
    result = engine.up(world)
    assert result.returncode != 0, result.stdout
    assert engine.stopped_by() == {rule.name for rule in RULES}
    assert engine.lines(CREATED) == []


def test_the_compliant_twin_goes_through(engine: Engine) -> None:
    """The same program without violations is applied, and every rule was recorded as compliant for some resource."""
    result = engine.up(load())
    assert result.returncode == 0, result.stdout + result.stderr
    assert engine.stopped_by() == set()
    assert len(engine.lines(CREATED)) == len(load())
    run, *results = [json.loads(line) for line in engine.lines(RESULTS)]
    assert (run["kind"], run["pack"]) == ("run", "hipaa-security-rule")
    assert {line["rule"] for line in results if line["outcome"] == "compliant"} == {rule.name for rule in RULES}
    assert {line["outcome"] for line in results} == {"compliant", "not applicable"}


def test_the_declaration_of_what_is_inherited_reaches_the_pack(engine: Engine) -> None:
    """The component of the program is seen in the preview, which would stop otherwise, and in the update."""
    lacking = {name for names, _ in LACKING.values() for name in names}
    world = [item for item in load() if lacking.isdisjoint({item["name"], *item["from"].values()})]
    result = engine.up([*world, declared(**dict.fromkeys(LACKING, BY))])
    assert result.returncode == 0, result.stdout + result.stderr
    inherited = {
        line["rule"]: line["inherited"]
        for line in map(json.loads, engine.lines(RESULTS)[1:])
        if line["outcome"] == "inherited"
    }
    assert inherited == {rule: {"service": service, **BY} for service, (_, rules) in LACKING.items() for rule in rules}


def test_a_resource_rule_stops_its_resource_even_without_a_preview(engine: Engine) -> None:
    """Skipping the preview does not get a violating resource created."""
    world = load()
    broken = next(item for item in BREAKS if item.rule == "eks-cluster-endpoint-private")
    broken.apply(world)
    result = engine.up(world, "--skip-preview")
    assert result.returncode != 0
    assert not [urn for urn in engine.lines(CREATED) if urn.endswith("::cluster")]
