"""A row of the Security Rule: what infrastructure shows of it, and what people have signed for."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from policies.attestations import Attestation
from policies.controls import Control
from policies.report.rules import RuleReport
from policies.report.states import GREEN, State, infrastructure_words, worst
from policies.rules.rule import Strength

_SIGNED = {State.UNDECIDED: State.ATTESTED, State.NOT_APPLICABLE: State.ATTESTED, State.SUPPORTED: State.COMPLIANT}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One standard or specification. It is green only if both of its halves are.

    `infrastructure` is what the rules come to; `attestation_state` is None where code decides the row wholly.
    """

    control: Control
    evidence: tuple[tuple[RuleReport, Strength], ...]
    infrastructure: State
    attestation: Attestation | None
    attestation_state: State | None

    @property
    def state(self) -> State:
        """The worse half; a signature makes up for what rules only support, or do not speak about."""
        if self.attestation_state is State.ATTESTED:
            return _SIGNED.get(self.infrastructure, self.infrastructure)
        halves = (self.infrastructure, self.attestation_state)
        return worst(state for state in halves if state) or State.UNDECIDED

    @property
    def shown(self) -> bool:
        """Whether it is green."""
        return self.state in GREEN

    @property
    def label(self) -> str:
        """Both halves in words, as in `Infrastructure compliant; not attested`."""
        compliant = any(item.state is State.COMPLIANT for item, _ in self.evidence)
        in_part = self.infrastructure is State.INHERITED and compliant
        words = infrastructure_words(self.infrastructure, self.control.decided, in_part=in_part)
        return f"{words}; {self.attestation_state.value}" if self.attestation_state else words

    def counts(self) -> str:
        """How many of its rules came to what, worst first: `1 waived, 12 compliant`."""
        found = Counter(item.state for item, _ in self.evidence)
        return ", ".join(f"{found[state]} {state.value}" for state in State if found[state])


def row(control: Control, rules: Sequence[RuleReport], signed: Attestation | None, today: date) -> Row:
    """Judge both halves of one row; `rules` are all of the pack's."""
    evidence = _evidence(control, rules)
    return Row(
        control=control,
        evidence=evidence,
        infrastructure=_infrastructure([(item.state, strength) for item, strength in evidence]),
        attestation=signed,
        attestation_state=_attestation(control, signed, today),
    )


def _evidence(control: Control, rules: Sequence[RuleReport]) -> tuple[tuple[RuleReport, Strength], ...]:
    """The rules that evidence a row, direct evidence first: rules name the rule's own rows, added rows name rules."""
    strengths = {item.rule.name: item.rule.evidence.get(control.id) for item in rules} | dict(control.evidence)
    cited = [(item, strength) for item in rules if (strength := strengths[item.rule.name])]
    return tuple(sorted(cited, key=lambda pair: (pair[1], pair[0].rule.name)))


def _infrastructure(found_by: Sequence[tuple[State, Strength]]) -> State:
    """The worst of the rules that apply.

    One whose subject has to be there and is not leaves a gap, and support alone is not the thing itself.
    """
    applying = [(state, strength) for state, strength in found_by if state is not State.NOT_APPLICABLE]
    states = [state for state, _ in applying]
    direct = any(strength is Strength.DIRECT for _, strength in applying)
    found = worst(states)
    if found is None:
        return State.NOT_APPLICABLE if found_by else State.UNDECIDED
    if found is State.NO_SUBJECT and State.COMPLIANT in states:
        return State.INCOMPLETE
    return State.SUPPORTED if found is State.COMPLIANT and not direct else found


def _attestation(control: Control, signed: Attestation | None, today: date) -> State | None:
    """What is signed for a later day does not hold yet."""
    if signed is not None and signed.holds(today):
        return State.ATTESTED
    if signed is not None and signed.expired(today):
        return State.EXPIRED
    return State.NOT_ATTESTED if control.attestation else None
