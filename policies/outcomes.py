"""What a rule can come to, for one resource."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The five outcomes. Only COMPLIANT is evidence; UNKNOWN never counts as COMPLIANT."""

    COMPLIANT = "compliant"
    VIOLATION = "violation"
    WAIVED = "waived"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Verdict:
    """An outcome and why: what is wrong (violation, waived), what is not known, or why the rule does not apply."""

    outcome: Outcome
    messages: tuple[str, ...] = ()
