"""The pack against the real engine: a program that breaks every rule is stopped, its compliant twin is not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from policies.analyze import __main__ as analyze
from policies.outcomes import Outcome
from policies.report.results import read_run
from policies.rules import RULES
from tests.policies.breaks import BREAKS
from tests.policies.echo_engine import CREATED, PACK, RESULTS, Engine
from tests.policies.test_services import BY, LACKING, declared
from tests.policies.world import load

pytestmark = pytest.mark.engine


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """A project with two plugins that accept everything."""
    return Engine.prepare(tmp_path)


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
    run = read_run(engine.directory / RESULTS, stack="dev")
    assert (run.pack, run.mode, run.enforcement) == ("hipaa-security-rule", "up", {})
    assert {item.rule for item in run.results if item.outcome is Outcome.COMPLIANT} == {rule.name for rule in RULES}
    assert {item.outcome for item in run.results} == {Outcome.COMPLIANT, Outcome.NOT_APPLICABLE}
    assert set(run.not_applicable) == {rule.name for rule in RULES}


def test_the_declaration_of_what_is_inherited_reaches_the_pack(engine: Engine) -> None:
    """The component of the program is seen in the preview, which would stop otherwise, and in the update."""
    lacking = {name for names, _ in LACKING.values() for name in names}
    world = [item for item in load() if lacking.isdisjoint({item["name"], *item["from"].values()})]
    result = engine.up([*world, declared(**dict.fromkeys(LACKING, BY))])
    assert result.returncode == 0, result.stdout + result.stderr
    results = read_run(engine.directory / RESULTS, stack="dev").results
    inherited = {item.rule: item.inherited for item in results if item.inherited}
    assert inherited == {rule: {"service": service, **BY} for service, (_, rules) in LACKING.items() for rule in rules}


def test_a_resource_rule_stops_its_resource_even_without_a_preview(engine: Engine) -> None:
    """Skipping the preview does not get a violating resource created."""
    world = load()
    broken = next(item for item in BREAKS if item.rule == "eks-cluster-endpoint-private")
    broken.apply(world)
    result = engine.up(world, "--skip-preview")
    assert result.returncode != 0
    assert not [urn for urn in engine.lines(CREATED) if urn.endswith("::cluster")]


def test_the_engine_and_this_process_judge_a_state_alike(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """`pulumi policy analyze` and `python -m policies.analyze` record the same of a stack that breaks every rule."""
    world = load()
    for broken in {item.rule: item for item in reversed(BREAKS)}.values():
        broken.apply(world)
    next(item for item in world if item["type"] == "aws:kms/key:Key")["secret"] = ["policy"]
    assert engine.up(world, pack=False).returncode == 0
    analyzed = engine.run("policy", "analyze", "--stack", "dev", *PACK)
    assert analyzed.returncode != 0
    state, results = engine.directory / "state.json", engine.directory / "in-process.jsonl"
    engine.run("stack", "export", "--show-secrets", "--stack", "dev", "--file", str(state))
    monkeypatch.chdir(engine.directory)
    assert analyze.main(["--state", str(state), "--results", str(results)]) == 1
    theirs, ours = (read_run(path, stack="dev") for path in (engine.directory / RESULTS, results))
    assert {item.rule for item in ours.results if item.outcome is Outcome.VIOLATION} == {rule.name for rule in RULES}
    assert (theirs.mode, theirs.not_applicable) == (ours.mode, ours.not_applicable)
    assert theirs.results == tuple(replace(item, source=None) for item in ours.results)
    assert {value.value for item in ours.results for value in item.values if value.path == "policy"} >= {"[secret]"}
    assert {item.source.file for item in ours.results if item.source} == {"__main__.py"}


def test_a_lowered_rule_is_seen_in_the_record(engine: Engine) -> None:
    """With the pack's configuration a rule only warns or does not run: the run goes through, and the record says why."""
    world = load()
    for rule in ("eks-cluster-endpoint-private", "subnet-no-public-ip"):
        next(item for item in BREAKS if item.rule == rule).apply(world)
    levels = {"eks-cluster-endpoint-private": "advisory", "subnet-no-public-ip": "disabled"}
    config = engine.directory / "levels.json"
    config.write_text(json.dumps(levels))
    result = engine.up(world, "--policy-pack-config", str(config))
    assert result.returncode == 0, result.stdout + result.stderr
    run = read_run(engine.directory / RESULTS, stack="dev")
    assert run.enforcement == levels
    outcomes = {item.outcome for item in run.results if item.rule == "eks-cluster-endpoint-private"}
    assert outcomes == {Outcome.VIOLATION}
    assert "subnet-no-public-ip" not in {item.rule for item in run.results} | set(run.not_applicable)
