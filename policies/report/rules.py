"""A rule with all that it came to in one run."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from policies.outcomes import Outcome
from policies.report.results import Result, Run
from policies.report.states import OF_OUTCOME, State, worst
from policies.rules.rule import Rule

DISABLED = "disabled"
"""The enforcement level of a rule that is switched off."""


@dataclass(frozen=True, kw_only=True)
class RuleReport:
    """A rule and its results; `results` leaves out the resources that it does not apply to.

    `level` is empty where the rule is mandatory, else what the run set it to.
    """

    rule: Rule
    state: State
    level: str
    results: tuple[Result, ...]
    not_applicable: int

    @property
    def failing(self) -> bool:
        """Whether it is violated, and mandatory."""
        return self.state is State.VIOLATION and not self.level

    @property
    def open(self) -> bool:
        """Whether it was not run, or could not decide some resource; a violation elsewhere does not hide that."""
        return self.state is State.NOT_RUN or bool(self.of(Outcome.UNKNOWN))

    def of(self, outcome: Outcome) -> list[Result]:
        """The results with this outcome."""
        return [result for result in self.results if result.outcome is outcome]

    def counts(self) -> str:
        """How many results came to what, in words: `1 violation, 12 compliant`."""
        found = Counter(OF_OUTCOME[result.outcome] for result in self.results)
        return ", ".join(f"{found[state]} {state.value}" for state in State if found[state])


def rule_reports(rules: Iterable[Rule], run: Run) -> tuple[RuleReport, ...]:
    """Every rule with its results, by name."""
    by_rule: dict[str, list[Result]] = {}
    for result in run.results:
        by_rule.setdefault(result.rule, []).append(result)
    return tuple(_report(rule, by_rule.get(rule.name, []), run) for rule in sorted(rules, key=lambda item: item.name))


def label(result: Result) -> str:
    """How messages and waivers name the resource: `<type>::<logical name>`."""
    return f"{result.type}::{result.name}"


def _report(rule: Rule, recorded: Sequence[Result], run: Run) -> RuleReport:
    results = tuple(item for item in recorded if item.outcome is not Outcome.NOT_APPLICABLE)
    others = run.not_applicable.get(rule.name, {})
    level = run.enforcement.get(rule.name, "")
    empty = State.NOT_APPLICABLE if rule.optional else State.NO_SUBJECT
    return RuleReport(
        rule=rule,
        state=_state(results, ran=bool(recorded or others), level=level, empty=empty),
        level=level,
        results=results,
        not_applicable=len(recorded) - len(results) + sum(others.values()),
    )


def _state(results: Sequence[Result], *, ran: bool, level: str, empty: State) -> State:
    """Every rule records something of every resource; without a line it never ran. `empty`: it ran and found none."""
    if not ran:
        return State.DISABLED if level == DISABLED else State.NOT_RUN
    state = worst(OF_OUTCOME[item.outcome] for item in results) or empty
    return State.ADVISORY if level and state in (State.COMPLIANT, empty) else state
