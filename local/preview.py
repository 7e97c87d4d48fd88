"""Previews an AWS stack with the policy pack, with no account and no network."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from local import toolchain
from local.engine import Engine, ensure_tools, stack_arguments
from local.errors import LocalError
from local.paths import REPO
from local.phases import Say
from local.toolchain import official
from policies.sources import add_sources, read_sources

BUILD = REPO / "build" / "preview"


def results(stack: str) -> Path:
    """Where the policy pack records its outcomes of the last preview of `stack`."""
    return BUILD / stack / "policy-results.jsonl"


def emulated(stack: str) -> bool:
    """Whether the last preview of `stack` asked no account."""
    return not (BUILD / stack / "with-account").exists()


def preview(stack: str, say: Say) -> None:
    """Preview `stack` ("dev" or "prod"); raises LocalError with the engine's diagnostics when it fails or a policy is violated.

    With an official `pulumi` on PATH and AWS_PROFILE or AWS_ACCESS_KEY_ID set, the real AWS plugin asks that account. Otherwise the
    emulator's plugin checks every input against pulumi-aws's own types, and AWS's answers (account id, zones) are moto's.
    """
    if official.find("pulumi") and (os.environ.get("AWS_PROFILE") or os.environ.get("AWS_ACCESS_KEY_ID")):
        _with_account(stack, say)
        return
    ensure_tools(say)
    say(f"previewing {stack} with no account: AWS's part is checked by an emulator, nothing is contacted")
    directory = BUILD / stack
    (directory / "with-account").unlink(missing_ok=True)
    shutil.rmtree(directory / "backend", ignore_errors=True)
    shutil.rmtree(directory / "project", ignore_errors=True)
    engine = Engine(
        directory=directory, stack=stack, policy_results=results(stack), extra_environment=(("LOCAL_AWS_PREVIEW", "1"),)
    )
    engine.prepare({})
    engine.run("preview", *stack_arguments(stack), on_line=say)


def _with_account(stack: str, say: Say) -> None:
    say(f"previewing {stack} in the account of the AWS credentials in the environment")
    sources = results(stack).with_name("sources.jsonl")
    environment = os.environ | {"POLICY_RESULTS": str(results(stack)), "POLICY_SOURCES": str(sources)}
    results(stack).parent.mkdir(parents=True, exist_ok=True)
    (BUILD / stack / "with-account").touch()
    command = [str(toolchain.path("pulumi")), "preview", "--non-interactive", *stack_arguments(stack)]
    previewed = subprocess.run(command, cwd=REPO, env=environment)
    add_sources(results(stack), read_sources(sources))
    if previewed.returncode != 0:
        raise LocalError(f"The preview of {stack} failed: the lines above say why.")


def outputs(stack: str) -> dict[str, Any]:
    """The outputs of a stack that was deployed with the user's own `pulumi` and backend."""
    command = [str(toolchain.path("pulumi")), "stack", "output", "--json", "--stack", stack]
    result = subprocess.run(command, cwd=REPO, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        raise LocalError(
            f"The stack {stack} has no outputs here: log in to its state with `pulumi login` and deploy it first."
        )
    found: dict[str, Any] = json.loads(result.stdout)
    return found
