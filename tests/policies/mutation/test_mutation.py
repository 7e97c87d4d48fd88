"""Every rule notices when something that it reads of a compliant stack is made worse, and only rules that read it do."""

import pytest

from policies.outcomes import Outcome
from policies.rules import RULES
from policies.rules.resource import Stack
from tests.policies.mutation.bench import Bench
from tests.policies.mutation.changes import ABSENT, unsafe
from tests.policies.mutation.subjects import program, world
from tests.policies.mutation.survivors import load, reason_of
from tests.policies.mutation.table import TABLE, Harvest, harvest, render, tried_on
from tests.policies.mutation.tracing import Path

NAMES = [rule.name for rule in RULES]


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bench, Bench]:
    """Our own program, and the world of the rules' tests for rules that have no subject in it."""
    return Bench(program(tmp_path_factory.mktemp("model"))), Bench(world())


@pytest.fixture(scope="module")
def found(benches: tuple[Bench, Bench]) -> Harvest:
    """Every mutant of every rule, judged."""
    return harvest(*benches)


def test_every_rule_is_killed_by_a_mutant(found: Harvest) -> None:
    """No rule is deaf to everything that it reads."""
    assert [row.rule for row in found.rows if not (row.subjects and row.killed)] == []


def test_every_survivor_has_a_reason_and_every_reason_a_survivor(found: Harvest) -> None:
    """What no rule notices is no accident, and a gap that was closed leaves the list."""
    reasons = load()
    assert [change for change in found.survivors if reason_of(change, reasons) is None] == []
    needed = {
        (reason.because, pattern)
        for change in found.survivors
        if (reason := reason_of(change, reasons))
        for pattern in reason.patterns(change)
    }
    assert [(r.because, pattern) for r in reasons for pattern in r.changes if (r.because, pattern) not in needed] == []


def test_the_table_is_what_the_mutants_say(found: Harvest) -> None:
    """A rule that notices less, or fires together with others than before, changes policies/mutants.md in the same review."""
    assert render(found) == TABLE.read_text(), "run `python -m tests.policies.mutation`"


def test_no_rule_fires_that_does_not_read_what_was_changed(benches: tuple[Bench, Bench], found: Harvest) -> None:
    """Every rule judges the first change that each notices, and none fires but those that look at the changed type."""
    for row in found.rows:
        bench = tried_on(row.rule, *benches)
        if row.first:
            assert bench.judge(row.first, every=True) == bench.judge(row.first), row.first


def test_looking_on_changes_no_verdict(benches: tuple[Bench, Bench]) -> None:
    """What the harness notes of a rule's reads leaves its outcome as it is."""
    rules = {rule.name: rule for rule in RULES}
    for bench in benches:
        stack = Stack(list(bench.resources.values()))
        for (rule, urn), outcome in bench.outcomes.items():
            assert rules[rule].judge(bench.resources[urn], stack)[0].outcome is outcome, (rule, urn)
            assert outcome is not Outcome.UNKNOWN, (rule, urn)


def test_whatever_a_rule_finds_absent_can_be_made_worse_or_is_known_to_be_harmless(
    benches: tuple[Bench, Bench],
) -> None:
    """unsafe.yaml speaks of every property that a rule asks for in vain."""
    missing = {
        f"{bench.resources[urn].type.rpartition(':')[2]}.{path[-1]}"
        for rule in NAMES
        for bench in [tried_on(rule, *benches)]
        for pair in bench.compliant(rule)
        for urn, path in bench.reads[pair].places
        if path and bench.value(urn, path) is ABSENT and not _spoken_of(bench.resources[urn].type, path)
    }
    assert missing == set()


def _spoken_of(kind: str, path: Path) -> bool:
    return any(unsafe(section, kind.rpartition(":")[2], path) is not None for section in ("values", "elements"))
