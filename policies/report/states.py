"""What a rule, or a row of the Security Rule, comes to, and how that is said."""

from collections.abc import Iterable
from enum import StrEnum

from policies.controls import Decided
from policies.outcomes import Outcome


class State(StrEnum):
    """Worst first. Only COMPLIANT and ATTESTED are green."""

    VIOLATION = "violation"
    NOT_RUN = "not run"
    UNKNOWN = "unknown"
    EXPIRED = "attestation expired"
    WAIVED = "waived"
    ADVISORY = "advisory"
    DISABLED = "disabled"
    INHERITED = "inherited"
    NO_SUBJECT = "no subject"
    INCOMPLETE = "subject missing"
    NOT_ATTESTED = "not attested"
    UNDECIDED = "not decided"
    SUPPORTED = "supporting only"
    NOT_APPLICABLE = "not applicable"
    ATTESTED = "attested"
    COMPLIANT = "compliant"


GREEN = frozenset({State.COMPLIANT, State.ATTESTED})
ATTESTATION_STATES = (State.EXPIRED, State.NOT_ATTESTED, State.ATTESTED)
INFRASTRUCTURE_STATES = tuple(state for state in State if state not in (*ATTESTATION_STATES, State.UNDECIDED))
RULE_STATES = tuple(state for state in INFRASTRUCTURE_STATES if state not in (State.INCOMPLETE, State.SUPPORTED))
"""Those that a rule can have; a row that rules are about has one of infrastructure, a row to sign one of attestation."""

LABELS = {
    State.VIOLATION: "Violation",
    State.NOT_RUN: "Not run",
    State.UNKNOWN: "Unknown",
    State.EXPIRED: "Attestation expired",
    State.WAIVED: "Waived",
    State.ADVISORY: "Not enforced",
    State.DISABLED: "Disabled",
    State.INHERITED: "Inherited",
    State.NO_SUBJECT: "No subject",
    State.INCOMPLETE: "No subject in part",
    State.NOT_ATTESTED: "Not attested",
    State.UNDECIDED: "Not decided",
    State.SUPPORTED: "Supporting only",
    State.NOT_APPLICABLE: "Not applicable",
    State.ATTESTED: "Attested",
    State.COMPLIANT: "Compliant",
}
MEANINGS = {
    State.VIOLATION: "A rule found something wrong that nobody accepted.",
    State.NOT_RUN: "A rule recorded nothing: the program or an earlier step ended before it. Nobody knows what it would say.",
    State.UNKNOWN: "A value could not be read, as in a preview of what does not exist yet.",
    State.EXPIRED: "Somebody attested the row, until a date that has passed.",
    State.WAIVED: "A violation that somebody accepted in writing until a date.",
    State.ADVISORY: "The rule is set to warn only: it stops nothing, so what it found proves less.",
    State.DISABLED: "The rule is switched off.",
    State.INHERITED: "The stack lacks it and says who else runs it; nothing of it was seen.",
    State.NO_SUBJECT: "No resource of a kind that has to be there exists, so nothing was shown.",
    State.INCOMPLETE: "What exists is compliant, and some of the row's rules lack a resource that has to be there.",
    State.NOT_ATTESTED: "Infrastructure is not all that the row asks, and nobody has signed for the rest.",
    State.UNDECIDED: "No rule of this pack is about the row.",
    State.SUPPORTED: "The rules that found resources help the row but are not what it asks.",
    State.NOT_APPLICABLE: "It is about what a stack may lack, and this one lacks it.",
    State.ATTESTED: "No rule is about the row, or about anything here; somebody signed for it, and that has not expired.",
    State.COMPLIANT: "Every rule of the row that applies is compliant and, where people must sign for the rest, somebody did.",
}
OF_OUTCOME = {
    Outcome.VIOLATION: State.VIOLATION,
    Outcome.UNKNOWN: State.UNKNOWN,
    Outcome.WAIVED: State.WAIVED,
    Outcome.INHERITED: State.INHERITED,
    Outcome.COMPLIANT: State.COMPLIANT,
}
_INFRASTRUCTURE = {
    State.NOT_RUN: "A rule did not run",
    State.ADVISORY: "Compliant, but not enforced",
    State.DISABLED: "A rule is disabled",
    State.INCOMPLETE: "Compliant where there is a subject",
    State.SUPPORTED: "Infrastructure supports it",
    State.NOT_APPLICABLE: "Nothing that the rules are about is here",
    State.COMPLIANT: "Infrastructure compliant",
}
_NO_RULE = {
    Decided.IAC: "No rule decides it",
    Decided.PARTIAL: "No rule decides it",
    Decided.INHERITED: "Inherited from the cloud provider",
    Decided.ORGANISATIONAL: "Up to the organisation",
}


def worst(states: Iterable[State]) -> State | None:
    """The worst of them; None of none."""
    found = set(states)
    return next((state for state in State if state in found), None)


def infrastructure_words(state: State, decided: Decided, *, in_part: bool) -> str:
    """What the rules say of a row; `in_part`: of what is inherited, other rules show a part here."""
    if state is State.UNDECIDED:
        return _NO_RULE[decided]
    words = _INFRASTRUCTURE.get(state, LABELS[state])
    return f"{words} in part" if in_part else words
