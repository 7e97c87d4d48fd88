"""The result model that every format of the report is written from."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.attestations import Attestation
from policies.errors import PolicyError
from policies.profiles import Profile
from policies.report.results import Run
from policies.report.rows import Row, row
from policies.report.rules import RuleReport, label, rule_reports
from policies.report.states import State
from policies.rules.rule import Rule, Severity

APPLIED = ("up", "state")
"""The modes of a run that saw a finished stack."""


@dataclass(frozen=True, kw_only=True)
class InheritedService:
    """A service that the stack lacks and declares to be run elsewhere, and the rules that missed it."""

    service: str
    by: str
    answers: str
    rules: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that a report says. `applied`: of a finished stack rather than of a preview."""

    stack: str
    applied: bool
    emulated_aws: bool
    profile: Profile
    run: Run
    rules: tuple[RuleReport, ...]
    rows: tuple[Row, ...]

    @property
    def today(self) -> date:
        """The day of the run: what has expired is judged by it, so that equal input gives equal bytes."""
        return date.fromisoformat(self.run.date)

    @property
    def resources(self) -> int:
        """How many resources the run looked at: every rule that ran says something of each of them."""
        return max((len(item.results) + item.not_applicable for item in self.rules), default=0)

    def rule_states(self) -> Counter[State]:
        """Rules by state."""
        return Counter(item.state for item in self.rules)

    def row_states(self) -> Counter[State]:
        """Rows of the Security Rule by state."""
        return Counter(item.state for item in self.rows)

    def infrastructure_states(self) -> Counter[State]:
        """Rows that rules are about by what infrastructure shows, whoever has to sign for the rest."""
        return Counter(item.infrastructure for item in self.rows if item.evidence)

    def attestation_states(self) -> Counter[State]:
        """Rows that need a signature by whether it is there."""
        return Counter(item.attestation_state for item in self.rows if item.attestation_state)

    def attention(self) -> list[RuleReport]:
        """What is violated, was not run or is not known: worst state first, then severity."""
        bad = (State.VIOLATION, State.NOT_RUN, State.UNKNOWN)
        states, severities = list(State), list(Severity)
        found = [item for item in self.rules if item.state in bad]
        return sorted(found, key=lambda item: (states.index(item.state), -severities.index(item.rule.severity)))

    def unenforced(self) -> list[RuleReport]:
        """The rules that were set to less than mandatory."""
        return [item for item in self.rules if item.level]

    def unused_waivers(self) -> list[Mapping[str, Any]]:
        """Waivers that waived nothing in this run."""
        used = {(item.rule, label(item)) for item in self.run.results if item.waiver}
        return [item for item in self.run.waivers if (item["rule"], item["resource"]) not in used]

    def speaks_of_this_stack(self, waiver: Mapping[str, Any]) -> bool:
        """Whether the stack has the resource that a waiver names; the others may be another stack's."""
        return any(waiver["resource"] == label(item) for item in self.run.results)

    def expired_waivers(self) -> list[Mapping[str, Any]]:
        """Those about this stack's resources whose date has come."""
        return [
            item
            for item in self.run.waivers
            if date.fromisoformat(item["expires"]) <= self.today and self.speaks_of_this_stack(item)
        ]

    def expired_attestations(self) -> list[Row]:
        """The rows that somebody attested until a date that has come."""
        return [item for item in self.rows if item.attestation_state is State.EXPIRED]

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
        """No mandatory rule is violated, of a finished stack none is unknown, and nothing has expired."""
        failing = any(item.failing or (self.applied and item.open) for item in self.rules)
        return not (failing or self.expired_waivers() or self.expired_attestations())


def build(
    run: Run,
    rules: Sequence[Rule],
    profile: Profile,
    attestations: Sequence[Attestation],
    *,
    stack: str,
    applied: bool,
    emulated_aws: bool,
) -> Report:
    """Put the results together.

    Raises PolicyError where the record names a rule that this pack does not have, or is a preview's and called applied.
    """
    strangers = {result.rule for result in run.results} - {rule.name for rule in rules}
    if strangers:
        raise PolicyError(f"The results name the unknown rule {min(strangers)}; run the pack of this version again.")
    if applied and run.mode == "preview":
        raise PolicyError("The results are those of a preview: leave --applied out, or apply the stack first.")
    judged = rule_reports(rules, run)
    signed = {item.control: item for item in attestations}
    today = date.fromisoformat(run.date)
    return Report(
        stack=stack,
        applied=applied or run.mode in APPLIED,
        emulated_aws=emulated_aws,
        profile=profile,
        run=run,
        rules=judged,
        rows=tuple(row(control, judged, signed.get(control.id), today) for control in profile.controls),
    )
