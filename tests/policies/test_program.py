"""The program itself before the rules, without an engine: what it violates is waived, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from pulumi.runtime.mocks import MockResourceArgs
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE

from local.program import Recorder, run_program, stack_values, write_model
from policies.outcomes import Outcome, Verdict
from policies.rules import RULES
from policies.rules.reads import view
from policies.rules.resource import Resource, Stack
from policies.waivers import load_waivers
from tests.policies.test_inventory import FROZEN
from tests.policies.test_services import BY, LACKING
from tests.policies.world import STACK

Verdicts = dict[tuple[str, str], Verdict]
ELSEWHERE = {name for name, rule in yaml.safe_load(FROZEN.read_text()).items() if rule.get("elsewhere")}
"""Rules about what other programs have and this one does not."""


def _known(value: Any) -> Any:
    """What Pulumi's mocks leave unknown, as the engine marks it for rules."""
    if isinstance(value, dict):
        return {key: _known(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_known(item) for item in value]
    return UNKNOWN_STRING_VALUE if type(value).__name__ == "Unknown" else value


def judge(folder: Path, stack: str, **changed: Any) -> Verdicts:
    """Every rule on every resource of the example stack: (rule, label of the resource) to verdict."""
    found = [STACK]
    answer = Recorder.new_resource

    def remembering(recorder: Recorder, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        made, outputs = answer(recorder, args)
        props = view(_known({**outputs, "id": made}))
        found.append(Resource(type=args.typ, name=args.name, urn=f"{args.typ}::{args.name}", props=props))
        return made, outputs

    people = {key: stack_values("prod", folder)[f"inference:{key}"] for key in ("auth", "accessRoles")}
    values = {f"inference:{key}": value for key, value in {**people, **changed}.items()}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Recorder, "new_resource", remembering)
        run_program({**stack_values(stack, write_model(folder)), **values}, stack=stack)
    seen = Stack(found)
    return {(rule.name, item.label): rule.judge(item, seen)[0] for rule in RULES for item in found}


def _with(outcome: Outcome, verdicts: Verdicts) -> set[tuple[str, str]]:
    return {key for key, verdict in verdicts.items() if verdict.outcome is outcome}


@pytest.mark.parametrize("stack", ["local", "dev", "prod"])
def test_the_program_violates_exactly_what_is_waived(stack: str, tmp_path: Path) -> None:
    """A waiver of nothing, or a violation that nobody accepted, does not stay unseen."""
    verdicts = judge(tmp_path, stack)
    waived = {(item.rule, item.resource): item for item in load_waivers() if _is_of(item.resource, stack)}
    assert _with(Outcome.VIOLATION, verdicts) == set(waived)
    for key, item in waived.items():
        assert all(item.covers(message) for message in verdicts[key].messages)
        assert all(any(each.startswith(part) for each in verdicts[key].messages) for part in item.findings)


def _is_of(resource: str, stack: str) -> bool:
    """Resources that are called after a stack are that one's; the others are in every stack."""
    return "::inference-" not in resource or f"::inference-{stack}-" in resource


def test_every_rule_finds_a_subject_in_the_program(tmp_path: Path) -> None:
    """No rule is about something that the program does not have, the tunnel included, but those that say so."""
    verdicts = judge(tmp_path, "prod", adminTunnel=True)
    with_subject = {rule for (rule, _), verdict in verdicts.items() if verdict.outcome is not Outcome.NOT_APPLICABLE}
    assert with_subject == {rule.name for rule in RULES} - ELSEWHERE


def test_what_the_organisation_runs_is_inherited_and_nothing_else_is_missed(tmp_path: Path) -> None:
    """A stack that declares every service inherited has exactly the rules about these services inherited."""
    verdicts = judge(tmp_path, "prod", inherited=dict.fromkeys(LACKING, BY))
    inherited = {rule for rule, _ in _with(Outcome.INHERITED, verdicts)}
    assert inherited == {rule for _, rules in LACKING.values() for rule in rules} - ELSEWHERE
    assert {rule for rule, _ in _with(Outcome.VIOLATION, verdicts)} == {item.rule for item in load_waivers()}
