"""The whole program under Pulumi mocks: what it registers is recorded, nothing is made and nobody is asked.

For what is read off the program without an engine: tests, the cost table, the architecture picture.
"""

import asyncio
import gc
import hashlib
import importlib
import json
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks, set_mocks
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.stack import run_pulumi_func, wait_for_rpcs

from local.paths import REPO

ACCOUNT = "123456789012"
FILES = {
    "repository/sentiment/config.pbtxt": b"name: 'sentiment'",
    "repository/sentiment/1/model.onnx": b"weights",
}


@dataclass(frozen=True)
class Registered:
    """One resource as the engine was asked for it; `inputs` are the names of the wire, in camelCase."""

    type: str
    name: str
    inputs: dict[str, Any]


@dataclass
class Recorder(Mocks):
    """Answers for both providers with plausible outputs."""

    resources: list[Registered] = field(default_factory=list)

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        self.resources.append(Registered(args.typ, args.name, dict(args.inputs)))
        service = args.typ.partition(":")[2].partition("/")[0]
        outputs: dict[str, Any] = {"arn": f"arn:aws:{service}:us-east-1:{ACCOUNT}:{args.name}", **args.inputs}
        outputs |= _OUTPUTS.get(args.typ, {})
        if args.typ.startswith("aws:"):
            outputs.setdefault("name", args.name)
        outputs.setdefault("keyId", f"{args.name}-id")
        outputs.setdefault("bucket", f"{args.name}-abc")
        if args.typ.startswith("kubernetes:"):
            outputs["metadata"] = {"name": f"{args.name}-abc", **(args.inputs.get("metadata") or {})}
        if args.typ == "aws:ecr/repository:Repository":
            outputs["repositoryUrl"] = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/{args.inputs['name']}"
        return f"{args.name}-id", outputs

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return _CALLS[args.token], []


class Monitor(MockMonitor):
    """Remembers the dependencies and options that the engine is told."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.waits: dict[str, frozenset[str]] = {}
        """By label, the labels of the resources that must be there before."""
        self.protected: set[str] = set()
        self.retained: set[str] = set()
        self.deleted_with: dict[str, str] = {}
        """By label, the label of the resource whose deletion makes an own one needless."""

    def RegisterResource(self, request: Any) -> Any:
        if request.protect:
            self.protected.add(request.name)
        if request.retainOnDelete:
            self.retained.add(request.name)
        if request.deletedWith:
            self.deleted_with[f"{request.type}::{request.name}"] = _label(request.deletedWith)
        provider = [request.provider.rpartition("::")[0]] if request.provider else []  # behind it, the provider's id
        self.waits[f"{request.type}::{request.name}"] = frozenset(map(_label, [*request.dependencies, *provider]))
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]


def _label(urn: str) -> str:
    """`<type>::<name>`, as the policy pack calls a resource too."""
    *_, kinds, name = urn.split("::")
    return f"{kinds.rpartition('$')[2]}::{name}"


_OUTPUTS: Mapping[str, dict[str, Any]] = {
    "aws:eks/cluster:Cluster": {
        "endpoint": "https://example.eks.amazonaws.com",
        "certificateAuthority": {"data": "Q0E="},
        "identities": [{"oidcs": [{"issuer": "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE"}]}],
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {"prefixListId": "pl-123"},
    "aws:ec2/launchTemplate:LaunchTemplate": {"latestVersion": 1},
}
_CALLS: Mapping[str, dict[str, Any]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
    "aws:ssm/getParameter:getParameter": {"value": "ami-123"},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    "aws:index/getAvailabilityZones:getAvailabilityZones": {"names": ["us-east-1a", "us-east-1b", "us-east-1c"]},
}


class Program:
    """What one run of the program registered and exported."""

    def __init__(self, resources: list[Registered], exports: Mapping[str, Any], monitor: Monitor) -> None:
        self.resources = resources
        self.exports = exports
        self._waits = monitor.waits
        self.protected, self.retained = frozenset(monitor.protected), frozenset(monitor.retained)
        """Names of the resources that the engine refuses to delete, and of those that it leaves where they are."""
        self.deleted_with: Mapping[str, str] = dict(monitor.deleted_with)
        """By label, the resource with which another goes without being deleted by itself."""

    def needs(self, label: str) -> frozenset[str]:
        """Labels of everything that must be there before the resource `<type>::<name>`, and goes only after it."""
        found: set[str] = set()
        open_ = [label]
        while open_:
            new = self._waits.get(open_.pop(), frozenset()) - found
            found |= new
            open_ += new
        return frozenset(found)

    def of(self, kind: str) -> list[Registered]:
        """Resources whose type ends in `kind`."""
        return [resource for resource in self.resources if resource.type.endswith(f":{kind}")]

    def only(self, kind: str, name: str | None = None) -> dict[str, Any]:
        """Inputs of the one resource of `kind` (called `name`)."""
        (found,) = [each for each in self.of(kind) if name in (None, each.name)]
        return found.inputs


def write_model(folder: Path, files: Mapping[str, bytes] = FILES) -> Path:
    """A model repository with a true manifest."""
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    entries = {
        path: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)} for path, content in files.items()
    }
    manifest = {"name": "sentiment", "version": "0123456789ab", "files": entries}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def stack_values(stack: str, model: Path) -> dict[str, Any]:
    """The checked-in configuration of `stack` by full key, with a model that exists."""
    values: dict[str, Any] = yaml.safe_load((REPO / f"Pulumi.{stack}.yaml").read_text())["config"]
    return {**values, "inference:modelRepository": str(model)}


def run_program(values: Mapping[str, Any], *, stack: str, preview: bool = True) -> Program:
    """Runs infra/__main__.py with `values` under mocks."""
    encoded = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}
    recorder = Recorder()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    monitor = Monitor(recorder)
    set_mocks(recorder, project="inference", stack=stack, preview=preview, monitor=monitor)
    pulumi.runtime.set_all_config(encoded)
    exports: dict[str, Any] = {}
    original = pulumi.export
    pulumi.export = lambda name, value: exports.__setitem__(name, value)

    def program() -> None:
        sys.modules.pop("infra.__main__", None)
        importlib.import_module("infra.__main__")

    try:
        loop.run_until_complete(run_settled(program))
        resolved = {
            name: loop.run_until_complete(pulumi.Output.from_input(value).future()) for name, value in exports.items()
        }
    finally:
        _close(loop)
        pulumi.export = original
        pulumi.runtime.set_all_config({})
    return Program(recorder.resources, resolved, monitor)


async def run_settled(program: Callable[[], object]) -> None:
    """`run_pulumi_func`, in half of its time: left to itself it looks over all outputs that are open whenever one of them ends.

    Raises what the program raises, or what an output of its fails with.
    """
    try:
        program()
        await wait_for_rpcs(await_all_outstanding_tasks=False)
        while open_ := [each for each in SETTINGS.outputs if not each.done()]:
            await asyncio.wait(open_)
            await wait_for_rpcs(await_all_outstanding_tasks=False)
    finally:
        await run_pulumi_func(lambda: None)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Closes the loop, and collects the loops that Pulumi opens in the threads of its executor and leaves open."""
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()
    asyncio.set_event_loop(None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
