"""The Pulumi engine of the local stack: its own home, plugins, file backend and passphrase, apart from the user's."""

import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local import toolchain
from local.aws import install as aws_plugin
from local.errors import LocalError
from local.paths import REPO
from local.phases import Say
from local.toolchain import official
from policies.sources import add_sources, read_sources

KUBERNETES_PLUGIN = "4.25.0"
FORCE_PATCHES = ("PULUMI_K8S_ENABLE_PATCH_FORCE", "true")
"""What a killed run created, or what somebody scaled by hand, is the stack's again: see `interrupted`."""
NO_CHECKPOINTS = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""The engine writes the whole state, megabytes of it, before and after each resource that it touches: half of a run's time."""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """One stack of this program under `directory`: `home` (plugins), `backend` (state), `project` (rendered configuration).

    The project that the engine runs is a copy of Pulumi.yaml that points at this clone's `infra/`, beside the rendered stack
    configuration: the engine writes into that file (the salt of the passphrase), and the clone's own files stay as they are.
    """

    directory: Path
    stack: str
    policy_results: Path
    extra_environment: tuple[tuple[str, str], ...] = ()

    @property
    def project(self) -> Path:
        """Folder of the rendered project."""
        return self.directory / "project"

    @property
    def _policy_sources(self) -> Path:
        """Where the program writes which of its lines makes which resource."""
        return self.policy_results.with_name("sources.jsonl")

    def environment(self) -> dict[str, str]:
        """What the engine, its plugins and the program see."""
        pulumi = toolchain.path("pulumi")
        return (
            _own_environment(os.environ)
            | {
                "PATH": f"{pulumi.parent}{os.pathsep}{os.environ['PATH']}",
                "PULUMI_HOME": str(self.directory / "home"),
                # By default each file of the state has a second one beside it (.attrs) that is not replaced in one step: a
                # run that is killed meanwhile leaves it empty, and no later one can read the state.
                "PULUMI_BACKEND_URL": f"file://{self.directory / 'backend'}?metadata=skip",
                "PULUMI_DIY_BACKEND_ZSTD": "true",  # of the gigabytes that the checkpoints of a run are, a thirtieth
                "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.directory / "passphrase"),
                "PULUMI_SKIP_UPDATE_CHECK": "true",
                "POLICY_RESULTS": str(self.policy_results),
                "POLICY_SOURCES": str(self._policy_sources),
                # Ours are in place; without this the engine looks for newer ones, for seconds, on every operation.
                "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "false" if official.find("pulumi") else "true",
            }
            | dict(self.extra_environment)
        )

    def prepare(self, values: dict[str, Any]) -> None:
        """Write home, plugins and project, with `values` (full keys) added to the checked-in stack configuration."""
        for folder in ("home", "backend", "project"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        self.policy_results.parent.mkdir(parents=True, exist_ok=True)
        passphrase = self.directory / "passphrase"
        if not passphrase.exists():
            passphrase.touch(mode=0o600)
            passphrase.write_text(secrets.token_urlsafe(32))
        self._install_plugins()
        self._render(values)
        if self.stack not in [stack["name"] for stack in json.loads(self.run("stack", "ls", "--json"))]:
            self.run("stack", "init", self.stack)

    def _install_plugins(self) -> None:
        home = self.directory / "home"
        aws_plugin.install(home, pulumi=toolchain.path("pulumi"))
        if official.find("pulumi") is None:
            provider = toolchain.path("pulumi-resource-kubernetes")
            target = home / "plugins" / f"resource-kubernetes-v{KUBERNETES_PLUGIN}" / provider.name
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.exists() or target.resolve() != provider.resolve():
                target.unlink(missing_ok=True)
                target.symlink_to(provider)

    def _render(self, values: dict[str, Any]) -> None:
        project = yaml.safe_load((REPO / "Pulumi.yaml").read_text())
        project["main"] = str(REPO / "infra")
        project["runtime"]["options"]["virtualenv"] = str(REPO / ".venv")
        (self.project / "Pulumi.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
        target = self.project / f"Pulumi.{self.stack}.yaml"
        earlier = yaml.safe_load(target.read_text()) if target.exists() else {}
        document = yaml.safe_load((REPO / f"Pulumi.{self.stack}.yaml").read_text())
        document["config"] |= values
        if salt := earlier.get("encryptionsalt"):
            document["encryptionsalt"] = salt
        target.write_text(yaml.safe_dump(document, sort_keys=False))

    def command(self, *arguments: str) -> list[str]:
        """The command line of `pulumi` with `arguments`; it runs in `project` with `environment()`."""
        return [str(toolchain.path("pulumi")), *arguments, "--non-interactive", "--color", "never"]

    def resources(self) -> list[dict[str, Any]]:
        """The resources in the stack's state, as the engine writes them."""
        found: list[dict[str, Any]] = self._exported()["deployment"].get("resources", [])
        return found

    def _exported(self) -> dict[str, Any]:
        exported: dict[str, Any] = json.loads(self.run("stack", "export", "--stack", self.stack))
        return exported

    def run(self, *arguments: str, on_line: Callable[[str], None] | None = None, checkpoints: bool = True) -> str:
        """Run `pulumi` with `arguments` and return its standard output; raises LocalError with what the engine complained of.

        Without `checkpoints` the state is written at the end only, whether the run succeeds or fails, but not if it is
        killed: for runs after which nothing is needed of a state that a killed one would have left.
        """
        lines: list[str] = []
        with subprocess.Popen(
            self.command(*arguments),
            cwd=self.project,
            env=self.environment() | ({} if checkpoints else NO_CHECKPOINTS),
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if on_line else subprocess.PIPE,
        ) as process:
            if on_line is None:
                output, errors = process.communicate()
            else:
                for line in process.stdout or ():
                    lines.append(line)
                    on_line(line.rstrip())
                output = errors = "".join(lines)
        if arguments[0] in ("preview", "up"):
            add_sources(self.policy_results, read_sources(self._policy_sources))
        if process.returncode != 0:
            raise LocalError(f"`pulumi {arguments[0]}` failed:\n{_diagnostics(errors)}")
        return output

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs; raises LocalError where the stack is not up."""
        if not (self.project / "Pulumi.yaml").exists():
            raise LocalError(f"The stack {self.stack} is not up on this machine: run `make up`.")
        found: dict[str, Any] = json.loads(self.run("stack", "output", "--json", "--stack", self.stack))
        return found

    def interrupted(self) -> bool:
        """Whether an earlier run was killed: its lock or its unfinished operations are still in the state.

        Raises LocalError while that run is still at work.
        """
        locks = list((self.directory / "backend" / ".pulumi" / "locks").rglob("*.json"))
        for lock in locks:
            holder = int(json.loads(lock.read_text())["pid"])
            if (Path("/proc") / str(holder)).exists():
                raise LocalError(
                    f"Another `pulumi` (pid {holder}) is at work on the stack {self.stack}: wait for its end."
                )
        return bool(locks or self._exported()["deployment"].get("pending_operations"))

    def clear_interruption(self) -> None:
        """Drop the lock and the unfinished operations of a killed run; what they made is found again by a refresh."""
        shutil.rmtree(self.directory / "backend" / ".pulumi" / "locks", ignore_errors=True)
        exported = self._exported()
        exported["deployment"].pop("pending_operations", None)
        repaired = self.directory / "repaired.json"
        repaired.write_text(json.dumps(exported))
        self.run("stack", "import", "--stack", self.stack, "--file", str(repaired))
        repaired.unlink()


def _own_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """No credentials, profile or endpoint of a real account reach the emulator, or the other way round.

    And bytecode may be kept: compiling pulumi-aws anew takes seconds at every start.
    """
    kept = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept


def _diagnostics(output: str) -> str:
    """What a user needs of the engine's output: its diagnostics and policy sections, else its last lines."""
    lines = output.strip().splitlines()
    starts = [i for i, line in enumerate(lines) if line.startswith(("Diagnostics:", "Policies:", "error:"))]
    return "\n".join(lines[starts[0] :] if starts else lines[-20:])


def ensure_tools(say: Say) -> None:
    """Build what the engine needs and PATH does not have; an official CLI installs the Kubernetes provider by itself."""
    provider = () if official.find("pulumi") else ("pulumi-resource-kubernetes",)
    toolchain.ensure(("pulumi", "pulumi-language-python", *provider), progress=say)


def stack_arguments(stack: str) -> Sequence[str]:
    """The options that every operation of ours gives: its stack, no prompt, the policy pack."""
    return ("--stack", stack, "--policy-pack", str(REPO / "policies"))
