"""A fork of this repository that takes safeguards away: `pulumi up` stops it before anything is touched, and says why."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import engine as module
from local.engine import Engine, ensure_tools, stack_arguments
from local.errors import LocalError
from local.paths import REPO
from local.program import write_model
from policies.rules import RULES

pytestmark = pytest.mark.engine
NAMESPACES = ("gateway", "inference", "observability", "system")


@dataclass(frozen=True)
class Edit:
    """One edit of one file, the rule that must stop it, and by which resources."""

    file: str
    before: str
    after: str
    rule: str
    resources: frozenset[str]
    seen: str


EDITS = {
    "opens the cluster's endpoint": Edit(
        file="infra/cluster.py",
        before="endpoint_public_access=False",
        after="endpoint_public_access=True",
        rule="eks-cluster-endpoint-private",
        resources=frozenset({"aws:eks/cluster:Cluster::cluster"}),
        seen="vpcConfig.endpointPublicAccess is True, expected false",
    ),
    "drops the key of the control plane's logs": Edit(
        file="infra/cluster.py",
        before="            kms_key_id=args.logs_key_arn,\n",
        after="",
        rule="log-group-encrypted",
        resources=frozenset({"aws:cloudwatch/logGroup:LogGroup::control-plane-logs"}),
        seen="kmsKeyId is unset, expected a customer-managed key",
    ),
    "deletes the default-deny NetworkPolicies": Edit(
        file="infra/workloads/namespaces.py",
        before='            self._policy("default-deny", namespace, space, policy_types=["Ingress", "Egress"])\n',
        after="",
        rule="namespace-default-deny",
        resources=frozenset(f"kubernetes:core/v1:Namespace::{name}" for name in NAMESPACES),
        seen="has no default-deny NetworkPolicy for Ingress",
    ),
}


@dataclass(frozen=True)
class Stopped:
    """What the engine said, what the pack recorded as violated, and what was made."""

    said: str
    violated: frozenset[tuple[str, str]]
    made: list[dict[str, Any]]


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Stopped:
    """`pulumi up` of the fork with all edits, once, because it takes half a minute; each of them would be enough."""
    folder = tmp_path_factory.mktemp("fork")
    _fork(folder)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "REPO", folder)
        engine = _engine(folder)
        with pytest.raises(LocalError) as error:
            engine.run("up", "--yes", *stack_arguments("prod"), on_line=lambda _: None)
    return Stopped(" ".join(str(error.value).split()), _violated(engine.policy_results), engine.resources())


def _fork(folder: Path) -> None:
    """A copy of the program and the pack, edited."""
    for part in ("infra", "policies"):
        shutil.copytree(REPO / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for file in REPO.glob("Pulumi*.yaml"):
        shutil.copyfile(file, folder / file.name)
    (folder / ".venv").symlink_to(REPO / ".venv")
    for edit in EDITS.values():
        source = (folder / edit.file).read_text()
        assert source.count(edit.before) == 1
        (folder / edit.file).write_text(source.replace(edit.before, edit.after))


def _engine(folder: Path) -> Engine:
    """The production stack of the fork, with no account: whatever is not stopped could make nothing either."""
    ensure_tools(print)
    engine = Engine(
        directory=folder / "engine",
        stack="prod",
        policy_results=folder / "results.jsonl",
        extra_environment=(("LOCAL_AWS_PREVIEW", "1"), ("PYTHONPATH", str(folder))),
    )
    engine.prepare({"inference:modelRepository": str(write_model(folder / "model"))})
    return engine


def _violated(results: Path) -> frozenset[tuple[str, str]]:
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    found = [line for line in lines if line["kind"] == "result" and line["outcome"] == "violation"]
    return frozenset((line["rule"], f"{line['type']}::{line['urn'].rpartition('::')[2]}") for line in found)


@pytest.mark.parametrize("name", EDITS)
def test_a_safeguard_that_is_taken_away_stops_the_update(name: str, stopped: Stopped) -> None:
    """The message has the resource, what is wrong, the controls and the remedy."""
    edit = EDITS[name]
    rule = next(each for each in RULES if each.name == edit.rule)
    for resource in edit.resources:
        assert f"{resource}: " in stopped.said
    assert edit.seen in stopped.said
    assert f"HIPAA {', '.join(rule.controls())}. Fix: {rule.remediation}" in stopped.said
    assert {resource for found, resource in stopped.violated if found == edit.rule} >= edit.resources


def test_nothing_else_is_violated_and_nothing_is_made(stopped: Stopped) -> None:
    """No other rule fires, and the stack of the fork stays empty."""
    assert {rule for rule, _ in stopped.violated} == {edit.rule for edit in EDITS.values()}
    assert stopped.made == []
