"""The result model that every format of the report is written from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policies.controls import Control
from policies.errors import PolicyError
from policies.outcomes import Outcome
from policies.report.results import Result, Run
from policies.rules.rule import Rule, Strength


class State(StrEnum):
    """What a rule or a control comes to over all resources, worst first. Only COMPLIANT and SUPPORTED are evidence."""

    VIOLATION = "violation"
    UNKNOWN = "unknown"
    WAIVED = "waived"
    INHERITED = "inherited"
    COMPLIANT = "compliant"
    SUPPORTED = "supported"
    NO_SUBJECT = "no subject"
    UNDECIDED = "not decided by code"


LABELS = {
    State.VIOLATION: "Violation",
    State.UNKNOWN: "Unknown",
    State.WAIVED: "Waived",
    State.INHERITED: "Inherited",
    State.COMPLIANT: "Compliant",
    State.SUPPORTED: "Supporting only",
    State.NO_SUBJECT: "No subject",
    State.UNDECIDED: "Not decided by code",
}
_OF_OUTCOME = {
    Outcome.VIOLATION: State.VIOLATION,
    Outcome.UNKNOWN: State.UNKNOWN,
    Outcome.WAIVED: State.WAIVED,
    Outcome.INHERITED: State.INHERITED,
    Outcome.COMPLIANT: State.COMPLIANT,
}


@dataclass(frozen=True, kw_only=True)
class RuleReport:
    """A rule and its results; `results` leaves out the resources that it does not apply to."""

    rule: Rule
    state: State
    ran: bool
    results: tuple[Result, ...]
    not_applicable: int

    def of(self, outcome: Outcome) -> list[Result]:
        """The results with this outcome."""
        return [result for result in self.results if result.outcome is outcome]


@dataclass(frozen=True, kw_only=True)
class ControlReport:
    """A row of the Security Rule and the rules that evidence it."""

    control: Control
    state: State
    evidence: tuple[tuple[RuleReport, Strength], ...]

    @property
    def label(self) -> str:
        """The state in words; of a row that other rules evidence here, only a part is inherited."""
        shown = any(item.state is State.COMPLIANT for item, _ in self.evidence)
        return f"{LABELS[self.state]}{' in part' if self.state is State.INHERITED and shown else ''}"


@dataclass(frozen=True, kw_only=True)
class InheritedService:
    """A service that the stack lacks and declares to be run elsewhere, and the rules that missed it."""

    service: str
    by: str
    answers: str
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that a report says. `applied`: of the finished stack rather than of a preview."""

    stack: str
    applied: bool
    emulated_aws: bool
    run: Run
    rules: tuple[RuleReport, ...]
    controls: tuple[ControlReport, ...]

    @property
    def resources(self) -> int:
        """How many resources were looked at."""
        return len({result.urn for result in self.run.results})

    def rule_states(self) -> Counter[State]:
        """Rules by state."""
        return Counter(item.state for item in self.rules)

    def control_states(self) -> Counter[State]:
        """Rows of the Security Rule by state."""
        return Counter(item.state for item in self.controls)

    def unused_exemptions(self) -> list[Mapping[str, str]]:
        """Exemptions that waived nothing in this run."""
        used = {(item.rule, f"{item.type}::{item.name}") for item in self.run.results if item.waiver}
        return [item for item in self.run.exemptions if (item["rule"], item["resource"]) not in used]

    def speaks_of_this_stack(self, exemption: Mapping[str, str]) -> bool:
        """Whether the stack has the resource that an exemption names; the others may be another stack's."""
        return any(exemption["resource"] == f"{item.type}::{item.name}" for item in self.run.results)

    def inherited(self) -> list[InheritedService]:
        """What the stack inherits, by service."""
        found: dict[tuple[str, str, str], set[str]] = {}
        for item in self.run.results:
            if item.inherited:
                key = (item.inherited["service"], item.inherited["by"], item.inherited["answers"])
                found.setdefault(key, set()).add(item.rule)
        return [
            InheritedService(service=service, by=by, answers=answers, rules=tuple(sorted(rules)))
            for (service, by, answers), rules in sorted(found.items())
        ]

    def passed(self) -> bool:
        """No rule is violated and, of a finished stack, none is unknown."""
        states = self.rule_states()
        return not states[State.VIOLATION] and not (self.applied and states[State.UNKNOWN])


def build(
    run: Run, rules: Sequence[Rule], controls: Sequence[Control], *, stack: str, applied: bool, emulated_aws: bool
) -> Report:
    """Put the results together; raises PolicyError where the record names a rule that this pack does not have."""
    strangers = {result.rule for result in run.results} - {rule.name for rule in rules}
    if strangers:
        raise PolicyError(f"The results name the unknown rule {min(strangers)}; run the pack of this version again.")
    reports = tuple(_rule(rule, [item for item in run.results if item.rule == rule.name]) for rule in rules)
    return Report(
        stack=stack,
        applied=applied,
        emulated_aws=emulated_aws,
        run=run,
        rules=tuple(sorted(reports, key=lambda item: item.rule.name)),
        controls=tuple(_control(control, reports) for control in controls),
    )


def _rule(rule: Rule, recorded: Sequence[Result]) -> RuleReport:
    results = tuple(item for item in recorded if item.outcome is not Outcome.NOT_APPLICABLE)
    # Every rule records something for every resource; without a line it never ran, and nobody knows what it would say.
    state = _worst(_OF_OUTCOME[item.outcome] for item in results) if recorded else State.UNKNOWN
    return RuleReport(
        rule=rule,
        state=state,
        ran=bool(recorded),
        results=results,
        not_applicable=len(recorded) - len(results),
    )


def _control(control: Control, rules: Iterable[RuleReport]) -> ControlReport:
    evidence = tuple(
        sorted(
            ((item, item.rule.evidence[control.id]) for item in rules if control.id in item.rule.evidence),
            key=lambda pair: (pair[1], pair[0].rule.name),
        )
    )
    return ControlReport(control=control, state=_control_state(evidence), evidence=evidence)


def _control_state(evidence: Sequence[tuple[RuleReport, Strength]]) -> State:
    if not evidence:
        return State.UNDECIDED
    state = _worst(item.state for item, _ in evidence)
    direct = any(item.state is State.COMPLIANT for item, strength in evidence if strength is Strength.DIRECT)
    return State.SUPPORTED if state is State.COMPLIANT and not direct else state


def _worst(states: Iterable[State]) -> State:
    """The worst of them; a rule without a subject neither helps nor harms the others."""
    found = set(states)
    return next((state for state in State if state in found), State.NO_SUBJECT)
